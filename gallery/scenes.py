"""Drawn pictures for trying the gallery out: any number of them, the same for the same seed."""

from collections.abc import Callable
from io import BytesIO
from math import cos, pi, sin
from random import Random
from typing import TypeAlias

from PIL import Image, ImageDraw, ImageFilter

Color: TypeAlias = tuple[int, int, int]
Size: TypeAlias = tuple[int, int]
Scene: TypeAlias = Callable[[Image.Image, Random], None]

SIZES: list[Size] = [(960, 640), (640, 960), (800, 800), (1080, 608), (720, 960), (960, 720)]
SKIES: list[tuple[Color, Color]] = [
    ((86, 152, 214), (214, 234, 248)),
    ((255, 138, 92), (255, 220, 150)),
    ((74, 58, 120), (240, 150, 130)),
    ((120, 170, 190), (235, 225, 205)),
]
NIGHT: tuple[Color, Color] = ((10, 14, 40), (52, 56, 110))


def draw_scene(seed: int) -> tuple[str, bytes]:
    """Return the name of a kind of scene and a JPEG of one such scene."""
    random = Random(seed)  # noqa: S311 - drawing, not secrets
    kind = list(SCENES)[seed % len(SCENES)]
    picture = Image.new("RGB", random.choice(SIZES))
    SCENES[kind](picture, random)
    out = BytesIO()
    picture.filter(ImageFilter.GaussianBlur(0.6)).save(out, "JPEG", quality=88)
    return kind, out.getvalue()


def between(first: Color, last: Color, share: float) -> Color:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, last, strict=True))
    return red, green, blue


def fill_sky(picture: Image.Image, colors: tuple[Color, Color]) -> ImageDraw.ImageDraw:
    """Paint the whole picture from the first colour above to the second below."""
    draw = ImageDraw.Draw(picture)
    for y in range(picture.height):
        draw.line([(0, y), (picture.width, y)], between(*colors, y / picture.height))
    return draw


def ridge(draw: ImageDraw.ImageDraw, random: Random, size: Size, top: float, color: Color) -> None:
    """A hilly line at `top` (share of the height) with everything below it filled."""
    width, height = size
    waves = [(random.uniform(1, 6), random.uniform(0, 2 * pi), random.random()) for _ in range(4)]
    points = [
        (x, height * (top + 0.05 * sum(a * sin(f * x / width * pi + p) for f, p, a in waves)))
        for x in range(0, width + 8, 8)
    ]
    draw.polygon([*points, (width, height), (0, height)], fill=color)


def disc(draw: ImageDraw.ImageDraw, x: float, y: float, radius: float, color: Color) -> None:
    draw.ellipse([x - radius, y - radius, x + radius, y + radius], fill=color)


def mountains(picture: Image.Image, random: Random) -> None:
    sky = random.choice(SKIES)
    draw = fill_sky(picture, sky)
    disc(draw, picture.width * random.random(), picture.height * 0.2, 36, (255, 244, 214))
    rock = (60, 72, 96)
    for layer in range(4):
        color = between(sky[1], rock, 0.35 + 0.2 * layer)
        ridge(draw, random, picture.size, 0.4 + 0.14 * layer, color)


def sea(picture: Image.Image, random: Random) -> None:
    draw = fill_sky(picture, random.choice(SKIES))
    width, height = picture.size
    horizon = round(height * 0.55)
    for y in range(horizon, height):
        color = between((40, 110, 150), (8, 44, 84), (y - horizon) / (height - horizon))
        draw.line([(0, y), (width, y)], color)
    for _ in range(random.randint(1, 4)):
        boat(draw, random.uniform(0.1, 0.9) * width, horizon + random.uniform(0, 0.2) * height, 60)


def boat(draw: ImageDraw.ImageDraw, x: float, y: float, size: float) -> None:
    draw.polygon([(x, y - size * 1.6), (x, y - 6), (x + size, y - 6)], fill=(250, 248, 240))
    draw.polygon(
        [(x - 6, y - size * 1.3), (x - 6, y - 6), (x - size * 0.7, y - 6)], fill=(232, 92, 74)
    )
    draw.polygon(
        [(x - size, y), (x + size, y), (x + size * 0.7, y + 18), (x - size * 0.7, y + 18)],
        fill=(70, 44, 36),
    )


def city(picture: Image.Image, random: Random) -> None:
    draw = fill_sky(picture, NIGHT)
    width, height = picture.size
    for _ in range(90):
        disc(draw, random.random() * width, random.random() * height * 0.6, 1.4, (230, 230, 250))
    x = 0
    while x < width:
        broad, high = random.randint(50, 110), random.uniform(0.2, 0.65) * height
        tower(draw, random, (x, round(height - high), x + broad, height))
        x += broad


def tower(draw: ImageDraw.ImageDraw, random: Random, box: tuple[int, int, int, int]) -> None:
    left, top, right, bottom = box
    draw.rectangle(box, fill=between((18, 20, 38), (40, 42, 66), random.random()))
    for y in range(top + 12, bottom, 24):
        for x in range(left + 8, right - 12, 18):
            if random.random() < 0.45:
                draw.rectangle([x, y, x + 8, y + 12], fill=(255, 214, 130))


def balloons(picture: Image.Image, random: Random) -> None:
    draw = fill_sky(picture, SKIES[random.choice([0, 3])])
    width, height = picture.size
    ridge(draw, random, picture.size, 0.9, (98, 138, 84))
    for _ in range(random.randint(2, 6)):
        x, y = random.uniform(0.1, 0.9) * width, random.uniform(0.15, 0.65) * height
        balloon(draw, random, x, y, random.uniform(0.05, 0.11) * width)


def balloon(draw: ImageDraw.ImageDraw, random: Random, x: float, y: float, radius: float) -> None:
    first, second = random.sample(
        [(226, 74, 64), (250, 190, 60), (60, 120, 190), (90, 160, 110)], 2
    )
    draw.polygon(
        [
            (x - radius * 0.9, y + radius * 0.4),
            (x + radius * 0.9, y + radius * 0.4),
            (x, y + radius * 1.7),
        ],
        fill=first,
    )
    for stripe in range(4):
        share = 1 - stripe / 4
        box = [x - radius * share, y - radius, x + radius * share, y + radius]
        draw.ellipse(box, fill=second if stripe % 2 else first)
    draw.rectangle(
        [x - radius / 6, y + radius * 1.7, x + radius / 6, y + radius * 2], fill=(96, 64, 44)
    )


def flowers(picture: Image.Image, random: Random) -> None:
    draw = fill_sky(picture, ((120, 170, 90), (56, 110, 60)))
    width, height = picture.size
    petal = random.choice([(240, 98, 146), (250, 214, 70), (250, 250, 250), (160, 110, 220)])
    for _ in range(random.randint(6, 14)):
        flower(
            draw, random.random() * width, random.random() * height, random.uniform(30, 80), petal
        )


def flower(draw: ImageDraw.ImageDraw, x: float, y: float, size: float, petal: Color) -> None:
    for leaf in range(8):
        angle = leaf * pi / 4
        disc(draw, x + cos(angle) * size * 0.7, y + sin(angle) * size * 0.7, size * 0.38, petal)
    disc(draw, x, y, size * 0.4, (236, 160, 40))


def forest(picture: Image.Image, random: Random) -> None:
    draw = fill_sky(picture, ((200, 222, 224), (150, 182, 160)))
    width, height = picture.size
    for row in range(3):
        color = between((132, 166, 140), (26, 66, 48), row / 2)
        for _ in range(14):
            x, foot = random.random() * width, height * (0.65 + 0.18 * row)
            fir(draw, x, foot, random.uniform(0.25, 0.4) * height, color)
    draw.rectangle([0, height * 0.98, width, height], fill=(30, 58, 40))


def fir(draw: ImageDraw.ImageDraw, x: float, foot: float, high: float, color: Color) -> None:
    for tier in range(4):
        top, broad = foot - high + tier * high * 0.2, high * (0.12 + 0.07 * tier)
        draw.polygon(
            [(x, top), (x - broad, top + high * 0.4), (x + broad, top + high * 0.4)], fill=color
        )


def dunes(picture: Image.Image, random: Random) -> None:
    draw = fill_sky(picture, random.choice([SKIES[0], SKIES[1]]))
    disc(draw, picture.width * random.uniform(0.2, 0.8), picture.height * 0.25, 44, (255, 240, 190))
    for layer in range(4):
        color = between((238, 196, 130), (166, 96, 52), layer / 3)
        ridge(draw, random, picture.size, 0.5 + 0.13 * layer, color)


SCENES: dict[str, Scene] = {
    "mountains": mountains,
    "sea": sea,
    "city": city,
    "balloons": balloons,
    "flowers": flowers,
    "forest": forest,
    "dunes": dunes,
}
