"""How often a password may be guessed.

Counted before the password is looked at, so that many at once get no further than one by one; what
was right is not counted. In the database rather than in a cache: all web processes count together,
and a flushed Redis forgives nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from gallery.models import Attempts
from gallery.models.people import digest_of

WITHIN = timedelta(minutes=15)
TOO_OFTEN = _("Too many attempts. Wait a quarter of an hour, then try again.")


@dataclass(frozen=True)
class Door:
    """What is tried, and how often it may be within a quarter of an hour."""

    subject: str
    most: int

    @property
    def digest(self) -> str:
        return digest_of(self.subject)


def sign_in_doors(name: str, network: str) -> list[Door]:
    """One for a person from somewhere, so that nobody locks out another; one for all from there."""
    return [
        Door(f"sign in|{name.lower()}|{network}", 10),
        Door(f"sign in|{network}", 100),
    ]


def may_try(doors: Iterable[Door]) -> bool:
    """Count one more attempt at each of the doors; whether all of them still allow it."""
    counts = [(Attempts.objects.count_one_more(door.digest, WITHIN), door.most) for door in doors]
    return all(count <= most for count, most in counts)


def was_right(doors: Iterable[Door]) -> None:
    for door in doors:
        Attempts.objects.take_one_back(door.digest)
