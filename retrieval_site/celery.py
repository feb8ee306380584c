"""The Celery application. Its messages are only bells: the rows they point to are the queue."""

import os
from typing import Any

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "retrieval_site.settings")

# A worker that listens may well be silent for long; a person whose upload rings must not be.
RING_TIMEOUTS = {"socket_timeout": 0.5, "socket_connect_timeout": 0.5}


class BellRinger(Celery):
    """Celery that does not wait for a broker which hangs."""

    def connection_for_write(self, url: str | None = None, **options: Any) -> Any:
        options["transport_options"] = {**(options.get("transport_options") or {}), **RING_TIMEOUTS}
        return super().connection_for_write(url, **options)


app = BellRinger("lookalike")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
