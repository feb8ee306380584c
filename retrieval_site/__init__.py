"""The site: settings, URLs, Celery and the embedded services."""

from retrieval_site.celery import app as celery_app

__all__ = ["celery_app"]
