"""How many pictures there are of each month, as a way through a long list."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from django.db.models import Count
from django.db.models.functions import TruncMonth
from django.utils import timezone

from gallery.models import Image
from gallery.models.images import ImageQuerySet
from gallery.orders import Order

MONTH_FORMAT = "%Y-%m"


@dataclass(frozen=True)
class Month:
    begins: datetime
    count: int

    @property
    def name(self) -> str:
        return self.begins.strftime(MONTH_FORMAT)


@dataclass(frozen=True)
class Year:
    number: int
    months: list[Month]

    @property
    def count(self) -> int:
        return sum(month.count for month in self.months)


@dataclass(frozen=True)
class Day:
    """Pictures of one day in a row; None where they are in no order of days."""

    date: date | None
    images: list[Image]
    # Whether the page before has begun it.
    is_continued: bool


def years_of(images: ImageQuerySet, order: Order) -> list[Year]:
    """The years that have pictures, in the order of the list, by one query."""
    if order.date is None:
        return []
    months = images.order_by().annotate(month=TruncMonth(order.date)).values("month")
    counted = months.annotate(count=Count("pk")).values_list("month", "count")
    listed = [Month(*row) for row in counted.order_by("-month" if order.descending else "month")]
    return [Year(number, list(of)) for number, of in groupby(listed, lambda m: m.begins.year)]


def edge_of(month: datetime, order: Order) -> datetime:
    """The moment at which a list in that order comes to the month, which begins then."""
    if not order.descending:
        return month
    year, number = divmod(month.year * 12 + month.month, 12)
    return month.replace(year=year, month=number + 1)


def days_of(images: list[Image], order: Order, before: date | None = None) -> Iterator[Day]:
    """The pictures by their days, in the time zone in use; `before` is that of the page before."""
    if order.date is None:
        yield Day(None, images, is_continued=True)
        return
    column = order.date
    for day, of_day in groupby(images, lambda image: day_of(getattr(image, column))):
        yield Day(day, list(of_day), is_continued=day == before)
        before = None


def day_of(moment: datetime) -> date:
    return timezone.localtime(moment).date()
