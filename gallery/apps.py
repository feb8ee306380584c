from django.apps import AppConfig


class GalleryConfig(AppConfig):
    name = "gallery"
    verbose_name = "Gallery"

    def ready(self) -> None:
        """All that gallery hears from outside, in one place."""
        from gallery import heartbeat

        heartbeat.connect()
