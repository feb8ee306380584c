"""An index for the history of one image: Django's table of what the admin changed has none."""

from django.db import migrations

CREATE = """
    CREATE INDEX IF NOT EXISTS gallery_history
    ON django_admin_log (content_type_id, object_id, action_time DESC)
"""


class Migration(migrations.Migration):
    dependencies = [
        ("gallery", "0014_names_of_models"),
        ("admin", "0003_logentry_add_action_flag_choices"),
    ]

    operations = [migrations.RunSQL(CREATE, "DROP INDEX IF EXISTS gallery_history")]
