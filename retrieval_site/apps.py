from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "retrieval_site"
    verbose_name = "Site"

    def ready(self) -> None:
        """The checks of the settings, and what the logs hear of tasks."""
        from retrieval_site import checks  # noqa: F401 - registers them
        from retrieval_site.logs import context

        context.connect()
