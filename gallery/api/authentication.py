"""Who a script is: `Authorization: Token …`."""

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import authentication
from rest_framework.exceptions import AuthenticationFailed

from gallery.models import ApiToken, User

# Noting every request would turn every read into a write.
NOTE_USE_EVERY = timedelta(minutes=1)


class TokenAuthentication(authentication.TokenAuthentication):
    """DRF's reading of the header over tokens of ours, of which only the digest is stored."""

    keyword = "Token"

    def authenticate_credentials(self, key: str) -> tuple[User, ApiToken]:
        """The person and the token behind `key`; raises AuthenticationFailed."""
        token = ApiToken.objects.matching(key).select_related("user").first()
        if token is None:
            raise AuthenticationFailed(_("This token is not valid, or its owner may not sign in."))
        note_use(token)
        return token.user, token


def note_use(token: ApiToken) -> None:
    now = timezone.now()
    if token.last_used_at is None or token.last_used_at < now - NOTE_USE_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
