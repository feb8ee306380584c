"""What the pages of this gallery cost, as it is: time, bytes and queries."""

from collections.abc import Iterator
from time import perf_counter, process_time
from typing import Any

from django.core.management import call_command
from django.db import connection
from django.db.models import Count
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from gallery.models import Album, Image, User
from gallery.timeline import MONTH_FORMAT
from gallery.warming import warm_up
from search.search_benchmark import BenchmarkError


def addresses(user: User) -> Iterator[tuple[str, str]]:
    """Each page by its name, of an image and an album from the middle of the gallery."""
    grid = reverse("gallery:grid")
    images = Image.objects.visible_to(user).order_by("-dated_at", "-pk")
    count = images.count()
    if not count:
        raise BenchmarkError(f"{user} sees no image: `manage.py demo` makes some.")
    image = images[count // 2]
    yield "grid", grid
    yield "grid, a month", f"{grid}?month={image.dated_at.strftime(MONTH_FORMAT)}"
    if tag := image.tags.first():
        yield "search for a word", f"{grid}?q={tag.name}"
    if album := largest_album(user):
        yield "album", f"{grid}?album={album.pk}"
    yield "image", image.get_absolute_url()
    yield "similar", reverse("search:similar", args=[image.pk])


def largest_album(user: User) -> Album | None:
    return Album.objects.visible_to(user).alias(size=Count("items")).order_by("-size").first()


@override_settings(ALLOWED_HOSTS=["testserver"])
def measure_pages(user: User, rounds: int) -> list[dict[str, Any]]:
    """The figures of each page, asked for by `user`, through every layer but the socket."""
    # As script/server does at its start: the pages name their styles by digest.
    call_command("collectstatic", interactive=False, verbosity=0)
    warm_up()
    client = Client()
    client.force_login(user)
    return [measured(client, name, address, rounds) for name, address in addresses(user)]


def measured(client: Client, name: str, address: str, rounds: int) -> dict[str, Any]:
    with CaptureQueriesContext(connection) as queries:
        page = client.get(address)
    # Before the next request, which begins to count anew.
    count = len(queries)
    if page.status_code != 200:
        raise BenchmarkError(f"{address}: {page.status_code}")
    spent = process_time()
    times = sorted(seconds(client, address) for _ in range(rounds))
    return {
        "page": name,
        "p50_ms": round(times[len(times) // 2] * 1000, 1),
        "slowest_ms": round(times[-1] * 1000, 1),
        # Of this process, without the database: what it takes however busy the machine is.
        "cpu_ms": round((process_time() - spent) / rounds * 1000, 1),
        "bytes": len(page.content),
        "queries": count,
    }


def seconds(client: Client, address: str) -> float:
    started = perf_counter()
    client.get(address)
    return perf_counter() - started
