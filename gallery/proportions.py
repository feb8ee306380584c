"""The proportions of pictures in a list, by names that the style sheet has widths for."""

# So many steps to a width as large as the height: 3:2, 4:3, 5:4, 16:9 and 1:1 are met, or nearly.
STEPS = 48
# Narrower ones have no room for what stands on a tile, wider ones fill a phone's row alone.
NARROWEST, WIDEST = STEPS // 2, STEPS * 3


def breadth(width: int, height: int) -> int:
    """The width in STEPS of the height, within what a list shows; the rest is cut off."""
    return min(max(round(width * STEPS / height), NARROWEST), WIDEST)


def fitted_width(width: int, height: int, side: int) -> int:
    """How wide a copy is whose longer side has at most `side` pixels."""
    longest = max(width, height)
    return width if longest <= side else max(round(width * side / longest), 1)
