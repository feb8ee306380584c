"""What is answered where something went wrong that nobody foresaw."""

import sys
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.decorators.csrf import requires_csrf_token
from django.views.defaults import server_error as usual_server_error

from gallery.api.problems import RETRY_SECONDS
from gallery.patience import AWAY


@requires_csrf_token
def server_error(request: HttpRequest) -> HttpResponse:
    """Django's own, or 503 where the database is away: a page that is worth trying again.

    Django calls this while it handles the exception. The page asks no database and no context.
    """
    if not isinstance(sys.exception(), AWAY):
        return usual_server_error(request)
    page = render_to_string("503.html")
    retry = {"Retry-After": RETRY_SECONDS}
    return HttpResponse(page, status=HTTPStatus.SERVICE_UNAVAILABLE, headers=retry)
