from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "retrieval_site"
    verbose_name = "Site"

    def ready(self) -> None:
        """The checks that a start and the system page make of the settings."""
        from retrieval_site import checks  # noqa: F401 - registers them
