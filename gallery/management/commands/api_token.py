"""`manage.py api_token NAME`: a new key for that person's scripts."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from gallery.models import ApiToken, User


class Command(BaseCommand):
    help = "Print a new API token of a person. It is shown this once: only its digest is stored."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="the person's user name")

    def handle(self, *args: Any, name: str, **options: Any) -> str:
        """Return the key alone, so that a shell can take it: TOKEN=$(manage.py api_token NAME)."""
        user = User.objects.filter(username=name).first()
        if user is None:
            remedy = "Make one in the admin, or with: manage.py createsuperuser"
            raise CommandError(f"There is no user {name!r}. {remedy}")
        if not user.is_active:
            raise CommandError(f"{name!r} is not active, so the token would open nothing.")
        return ApiToken.issue(user, "api_token")
