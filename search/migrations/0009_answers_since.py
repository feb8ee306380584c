import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('search', '0006_encoder_is_being_removed'),
    ]

    operations = [
        migrations.AddField(
            model_name='embedding',
            name='answers_since',
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
        ),
    ]
