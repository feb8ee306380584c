"""The page at /metrics, for a Prometheus that has the token and for those who run the gallery."""

import os
from http import HTTPStatus

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.multiprocess import MultiProcessCollector

from retrieval_site.gunicorn import SHARED
from retrieval_site.metrics.gallery import GalleryCollector
from retrieval_site.system.views import may_see


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Nobody is let in for coming from this machine: through a proxy, everybody does."""
    said = request.headers.get("Authorization", "")
    if not (has_token(said) or may_see(request.user)):
        if not said:
            raise Http404
        refused = {"WWW-Authenticate": "Bearer"}
        return HttpResponse(status=HTTPStatus.UNAUTHORIZED, headers=refused)
    registry = CollectorRegistry()
    registry.register(GalleryCollector())
    body = generate_latest(registry) + generate_latest(of_this_web())
    return HttpResponse(body, content_type=CONTENT_TYPE_PLAIN_0_0_4)


def has_token(said: str) -> bool:
    token = settings.METRICS_TOKEN
    return bool(token) and constant_time_compare(said, f"Bearer {token}")


def of_this_web() -> CollectorRegistry:
    """What the processes of this web server counted, added up where there are several."""
    if not os.environ.get(SHARED):
        return REGISTRY
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # the library has no types here
    return registry
