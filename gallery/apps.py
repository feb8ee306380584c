from django.apps import AppConfig
from django.contrib.admin import apps as admin
from django.contrib.auth.signals import user_logged_in
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class GalleryConfig(AppConfig):
    name = "gallery"
    verbose_name = _("Gallery")

    def ready(self) -> None:
        """All that gallery hears from outside, in one place."""
        from gallery import heartbeat, jobs
        from gallery.job_actions import ACTIONS
        from gallery.roles import ensure_roles
        from gallery.sessions import note_sign_in

        jobs.actions.update(ACTIONS)
        heartbeat.connect()
        user_logged_in.connect(note_sign_in, dispatch_uid="gallery.note_sign_in")
        post_migrate.connect(ensure_roles, sender=self, dispatch_uid="gallery.ensure_roles")


class GalleryAdminConfig(admin.AdminConfig):
    """Django's admin as this gallery has it."""

    default = False
    default_site = "gallery.admin_site.GallerySite"
