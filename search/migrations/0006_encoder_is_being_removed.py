from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('search', '0005_query_image'),
    ]

    operations = [
        migrations.AddField(
            model_name='encoder',
            name='is_being_removed',
            field=models.BooleanField(default=False, editable=False, verbose_name='being removed'),
        ),
        migrations.AddConstraint(
            model_name='encoder',
            constraint=models.CheckConstraint(condition=models.Q(('is_active', False), ('is_being_removed', False), _connector='OR'), name='active_encoder_stays'),
        ),
    ]
