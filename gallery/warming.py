"""What a web process does before its first request."""

import gc

from django.urls import get_resolver


def warm_up() -> None:
    """Load all views, and leave what is loaded out of every later search for garbage.

    It is there for good, and looking at it each time took a third of the time of a page.
    """
    _ = get_resolver().url_patterns
    gc.collect()
    gc.freeze()
