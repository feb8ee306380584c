"""`manage.py ensure_admin`: an administrator for a gallery that has nobody yet."""

import secrets
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from gallery.models import User

NAME = "admin"


class Command(BaseCommand):
    help = "Create the administrator where there is no user yet, and show the password once."

    def handle(self, *_args: Any, **_options: Any) -> None:
        if User.objects.exists():
            return
        password = secrets.token_urlsafe(12)
        # The password is kept nowhere, so a user whose password could not be shown must not stay.
        with transaction.atomic():
            User.objects.create_superuser(NAME, password=password)
            self.stdout.write(f"Administrator: {NAME}\nPassword: {password} (shown only this once)")
            self.stdout.flush()
