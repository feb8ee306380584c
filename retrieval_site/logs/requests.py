"""Gives every request a name, which its lines, its tasks and its answer carry."""

import logging
from collections.abc import Callable
from time import perf_counter

from django.http import HttpRequest, HttpResponseBase

from retrieval_site.logs.context import about, sane_or_new

logger = logging.getLogger("retrieval_site.requests")
View = Callable[[HttpRequest], HttpResponseBase]


def named(get_response: View) -> View:
    """Middleware, before all others. The name comes from `X-Request-ID` where that makes sense."""

    def respond(request: HttpRequest) -> HttpResponseBase:
        name = sane_or_new(request.headers.get("X-Request-ID", ""))
        began = perf_counter()
        with about(name):
            response = get_response(request)
            # Not the question behind the path: it may be about somebody's pictures.
            told = {
                "method": request.method,
                "path": request.path,
                "status": response.status_code,
                "seconds": round(perf_counter() - began, 4),
            }
            logger.info("%(method)s %(path)s %(status)s", told, extra=told)
        response["X-Request-ID"] = name
        return response

    return respond
