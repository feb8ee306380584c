from django.apps import AppConfig
from django.db.models.signals import post_migrate


class SearchConfig(AppConfig):
    name = "search"
    verbose_name = "Search"

    def ready(self) -> None:
        """All that search hears from outside, in one place."""
        from gallery.signals import image_stored
        from search.catalogue import register_encoders
        from search.requesting import on_image_stored

        image_stored.connect(on_image_stored, dispatch_uid="search.embed_stored_image")
        post_migrate.connect(
            register_encoders, sender=self, dispatch_uid="search.register_encoders"
        )
