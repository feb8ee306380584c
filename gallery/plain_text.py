"""Text that comes from files: in one line, without what is no character."""


def plain(text: str) -> str:
    return " ".join(text.replace("\0", " ").split())
