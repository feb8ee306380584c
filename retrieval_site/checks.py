"""What of the settings deserves attention, as Django's own checks say it."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Tags, register

# What only this machine, or a test, can reach.
LOCAL = {"localhost", "127.0.0.1", "[::1]", "::1", "testserver"}
# A proxy in front redirects to HTTPS and says that it is always wanted; ours is HTTPS_OFF.
PROXYS = {"security.W004", "security.W008", "security.W012", "security.W016"}
ANY_HOST = checks.Warning(
    "ALLOWED_HOSTS is *: links in the gallery's answers go wherever a request says.",
    hint="Name the addresses under which the gallery is reached.",
    id="lookalike.W001",
)
HTTPS_OFF = checks.Warning(
    "HTTPS is off, but others can reach the gallery: passwords and pictures travel in the clear.",
    hint="Put a proxy that speaks HTTPS in front, and set HTTPS=true.",
    id="lookalike.W002",
)


@register(Tags.security, deploy=True)
def hosts_are_named(**check: Any) -> Sequence[CheckMessage]:
    return [ANY_HOST] if "*" in settings.ALLOWED_HOSTS else []


@register(Tags.security, deploy=True)
def others_come_by_https(**check: Any) -> Sequence[CheckMessage]:
    is_local = set(settings.ALLOWED_HOSTS) <= LOCAL
    return [] if is_local or settings.HTTPS else [HTTPS_OFF]
