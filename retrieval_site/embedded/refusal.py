"""The one exception that ends a start with a sentence instead of a traceback."""


class Refusal(Exception):
    """A start is impossible; the message is one line that says why and what to do about it."""
