"""`makemessages`, with what this project wants of it."""

from typing import Any

from django.conf import settings
from django.core.management.commands import makemessages

TRANSLATED = [code for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
ELSEWHERE = ["tests", "var", ".venv"]


class Command(makemessages.Command):
    """Every language there is; what is new comes without a guess, what is gone goes."""

    msgmerge_options = [*makemessages.Command.msgmerge_options, "--no-fuzzy-matching"]

    def handle(self, *args: Any, **options: Any) -> None:
        options |= {
            "locale": options["locale"] or TRANSLATED,
            "extensions": options["extensions"] or ["html", "txt", "py"],
            "ignore_patterns": [*options["ignore_patterns"], *ELSEWHERE],
            "add_location": "file",
            "no_obsolete": True,
        }
        super().handle(*args, **options)
