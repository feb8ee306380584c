"""How a line of a log looks: as text for people, or as JSON for programs."""

import logging
from typing import Any

from retrieval_site.logs.context import request_id, task_id

FORMATS = ("line", "json")


class Ids(logging.Filter):
    """Adds to every record which request and which task it is about, if any."""

    def filter(self, record: Any) -> bool:
        record.request_id, record.task_id = request_id.get(), task_id()
        named = (("request", record.request_id), ("task", record.task_id))
        record.ids = "".join(f" {name}={value}" for name, value in named if value)
        return True


def logging_settings(form: str, level: str) -> dict[str, Any]:
    """Django's LOGGING for that format: all of it to the error output, where programs log."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"ids": {"()": "retrieval_site.logs.lines.Ids"}},
        "formatters": {
            "line": {"format": "{asctime} {levelname} {name} {message}{ids}", "style": "{"},
            "json": {
                "()": "pythonjsonlogger.json.JsonFormatter",
                "format": "{levelname}{name}{message}{request_id}{task_id}",
                "style": "{",
                "timestamp": "time",
                "rename_fields": {"levelname": "level", "name": "logger"},
                # For people's lines only, and what is no JSON.
                "reserved_attrs": [*RESERVED, "ids", "request"],
            },
        },
        "handlers": {
            "console": {"class": "logging.StreamHandler", "formatter": form, "filters": ["ids"]}
        },
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            # Every bell would be a line or two.
            "celery": {"level": "DEBUG" if level == "DEBUG" else "WARNING"},
            # A line a request or task is for programs; people are told of what went wrong.
            "retrieval_site.requests": {"level": level if form == "json" else "WARNING"},
            "retrieval_site.tasks": {"level": level if form == "json" else "WARNING"},
        },
    }


# What a record has anyway: https://docs.python.org/3/library/logging.html#logrecord-attributes
RESERVED = (*vars(logging.makeLogRecord({})), "asctime", "message")
