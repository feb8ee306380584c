"""Django's SESSION_ENGINE: sessions that tell whose they are, from which browser, and where."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from gallery.visitors import address_of

# Noting every request would turn every read into a write.
NOTE_SEEN_EVERY = timedelta(minutes=10)


class SessionStore(DatabaseStore):
    @classmethod
    def get_model_class(cls) -> Any:
        from gallery.models import Session

        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        session: Any = super().create_model_instance(data)
        session.user_id = data.get(SESSION_KEY)
        session.browser = data.get("browser", "")
        session.address = data.get("address")
        session.signed_in_at = moment(data.get("signed_in_at"))
        session.seen_at = moment(data.get("seen_at"))
        return session


def moment(text: str | None) -> datetime | None:
    return parse_datetime(text) if text else None


def note_sign_in(sender: Any, request: HttpRequest, **kwargs: Any) -> None:
    """Django's `user_logged_in`."""
    now = timezone.now().isoformat()
    browser = request.headers.get("User-Agent", "")[:300]
    request.session.update(
        {"browser": browser, "address": address_of(request), "signed_in_at": now, "seen_at": now}
    )


def note_visits(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware: says in the session of somebody signed in when they were last here."""

    def respond(request: HttpRequest) -> HttpResponseBase:
        seen = moment(request.session.get("seen_at"))
        if seen and seen < timezone.now() - NOTE_SEEN_EVERY:
            request.session["seen_at"] = timezone.now().isoformat()
        return get_response(request)

    return respond
