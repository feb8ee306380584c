"""Errors as problem details (RFC 9457), each with a reason its reader can act on."""

import logging
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, cast

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, UnreadablePostError
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import (
    APIException,
    ErrorDetail,
    NotAuthenticated,
    ValidationError,
)
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import exception_handler

from gallery.imagefile import RejectedFile
from gallery.patience import AWAY

logger = logging.getLogger(__name__)

CONTENT_TYPE = "application/problem+json"
# When to ask again for what is away for a moment.
RETRY_SECONDS = "5"


class ProblemSerializer(serializers.Serializer):
    """An error (RFC 9457). `errors` names the fields at fault, when there are any."""

    type = serializers.CharField(default="about:blank")
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    errors = serializers.DictField(  # type: ignore[assignment] # DRF's `errors` are of its input
        child=serializers.ListField(child=serializers.CharField()), required=False
    )


class Problem(APIException):
    """A refusal with a status of its own; `detail` is a sentence for people."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status_code = status


def problem_response(error: Exception, context: dict[str, Any]) -> Response:
    """DRF's EXCEPTION_HANDLER."""
    response = cast("Response", exception_handler(as_api_error(error), context))
    response.data = describe(response.status_code, response.data)
    response.content_type = CONTENT_TYPE
    if response.status_code == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers.setdefault("Retry-After", RETRY_SECONDS)
    return response


def as_api_error(error: Exception) -> Exception:
    """`error` as one that DRF has a response for."""
    if isinstance(error, NotAuthenticated):
        # The same error, since DRF has put the WWW-Authenticate header on it.
        error.detail = ErrorDetail(_("Sign in, or send a token: “Authorization: Token …”."))
    if isinstance(error, APIException | PermissionDenied):
        return error
    return problem_of(error)


def problem_of(error: Exception) -> Problem:
    """What nobody foresaw is logged, and told without its innards."""
    match error:
        case Http404():
            return Problem(404, _("There is nothing at this address, or you may not see it."))
        case RejectedFile():
            return Problem(error.status, str(error))
        case UnreadablePostError():
            return Problem(400, _("The upload broke off before its end."))
        case RequestDataTooBig():
            return Problem(413, _("The fields beside the file are too long."))
        case SuspiciousOperation():
            return Problem(400, str(error))
    return unforeseen(error)


def unforeseen(error: Exception) -> Problem:
    logger.error("an error nobody foresaw", exc_info=error)
    if isinstance(error, AWAY):
        return Problem(503, _("The database is away for a moment. Try again shortly."))
    return Problem(500, _("Something went wrong here; it was written to the server's log."))


def describe(status: int, data: Any) -> dict[str, Any]:
    """The problem of `status` for what DRF says about an error."""
    problem = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status}
    if isinstance(data, dict) and isinstance(data.get("detail"), str):
        return {**problem, "detail": data["detail"]}
    errors = by_field(data)
    return {**problem, "detail": sentence(errors), "errors": errors}


def by_field(data: Any) -> dict[str, list[str]]:
    if not isinstance(data, dict):
        data = {api_settings.NON_FIELD_ERRORS_KEY: data}
    return {str(field): list(messages(found)) for field, found in data.items()}


def messages(found: Any) -> Iterator[str]:
    """All messages in the nested lists and dictionaries that validation leaves."""
    match found:
        case dict():
            for nested in found.values():
                yield from messages(nested)
        case list() | tuple():
            for nested in found:
                yield from messages(nested)
        case _:
            yield str(found)


def sentence(errors: dict[str, list[str]]) -> str:
    unnamed = {api_settings.NON_FIELD_ERRORS_KEY, "__all__"}
    return " ".join(
        text if field in unnamed else f"{field}: {text}"
        for field, texts in errors.items()
        for text in texts
    )


def invalid(errors: Any) -> ValidationError:
    """The error for a Django form's `errors`."""
    return ValidationError({field: list(texts) for field, texts in errors.items()})
