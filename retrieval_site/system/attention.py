"""Settings that deserve attention: Django's deployment checks, and the gallery's own."""

from functools import cache

from django.core.checks import WARNING, CheckMessage, run_checks

from retrieval_site.checks import PROXYS


@cache
def settings_to_look_at() -> list[CheckMessage]:
    """What a check warns of. Settings stay as they are while the process lives."""
    found = run_checks(include_deployment_checks=True)
    return [message for message in found if message.level >= WARNING and message.id not in PROXYS]
