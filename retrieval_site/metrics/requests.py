"""How long requests take, by the view that answered."""

from collections.abc import Callable
from time import perf_counter

from django.http import HttpRequest, HttpResponseBase
from prometheus_client import Histogram

# Of all others there may be as many as somebody likes to invent.
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
SECONDS = Histogram(
    "lookalike_http_request_seconds",
    "How long the web took until it began to answer.",
    ["method", "view", "status"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
)
View = Callable[[HttpRequest], HttpResponseBase]


def timed(get_response: View) -> View:
    """Middleware; the first of all, so that it counts what the others take and refuse, too."""

    def respond(request: HttpRequest) -> HttpResponseBase:
        began = perf_counter()
        response = get_response(request)
        SECONDS.labels(
            request.method if request.method in METHODS else "other",
            request.resolver_match.view_name if request.resolver_match else "none",
            str(response.status_code),
        ).observe(perf_counter() - began)
        return response

    return respond
