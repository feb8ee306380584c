"""Addresses of pages by number: a list of images has hundreds, and `reverse` looks for each."""

from functools import lru_cache

from django.urls import get_script_prefix, reverse

# Stands for every number in a pattern; it is in no address of ours.
STAND_IN = 987_654_321


def address(name: str, *args: int | str) -> str:
    """What `reverse` says; the strings among `args` are few different ones."""
    texts = tuple(None if isinstance(arg, int) else arg for arg in args)
    numbers = tuple(arg for arg in args if isinstance(arg, int))
    return pattern(get_script_prefix(), name, texts) % numbers


@lru_cache(maxsize=200)
def pattern(prefix: str, name: str, texts: tuple[str | None, ...]) -> str:
    """The page's address below `prefix`, with %d for each number."""
    found = reverse(name, args=[STAND_IN if text is None else text for text in texts])
    return found.replace("%", "%%").replace(str(STAND_IN), "%d")
