"""How much a request may bring."""

from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser
from rest_framework.request import Request

from gallery.api.problems import Problem
from gallery.imagefile import megabytes

# What a multipart form has besides the file: boundaries, headers and the other fields.
ENVELOPE = 1024 * 1024


def check_body_size(request: Request) -> None:
    """Raise Problem 413 for a body that is too large, 411 for one that hides its size.

    Only the headers are looked at, so a refused body is never read.
    """
    if "chunked" in request.headers.get("Transfer-Encoding", "").lower():
        raise Problem(411, _("Send the length of the body (Content-Length), not chunks."))
    size = int(request.META.get("CONTENT_LENGTH") or 0)
    allowed = settings.IMAGE_MAX_BYTES
    if not (request.content_type or "").startswith("multipart/"):
        allowed = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    if size > allowed + ENVELOPE:
        raise Problem(
            413,
            _("The request has %(size)s MB; at most %(allowed)s MB are allowed.")
            % {"size": megabytes(size), "allowed": megabytes(allowed)},
        )


class ShallowJSONParser(JSONParser):
    """JSON, but not the kind that is nested only to exhaust its reader."""

    def parse(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().parse(*args, **kwargs)
        except RecursionError:
            raise ParseError(_("The JSON is nested too deeply.")) from None
