"""What failed, by the reason, and another try at it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, QuerySet
from django.urls import reverse

from gallery.bell import ring_on_commit
from gallery.models import User, WorkQuerySet
from gallery.tasks import render_pending
from retrieval_site.system.backlogs import EMBEDDINGS, RENDITIONS, Kind
from search.requesting import retry_failed

# Beyond this many reasons the rest is counted together.
MOST_REASONS = 20


def render_again(failed: Any) -> int:
    count: int = failed.retry()
    ring_on_commit(render_pending)
    return count


@dataclass(frozen=True)
class Retrier:
    """How one kind of work is tried again, who may, and where its rows are listed."""

    kind: Kind
    retry: Callable[[Any], int]
    permission: str
    listed_at: str
    listed_by: str


RETRIERS = {
    retrier.kind.slug: retrier
    for retrier in (
        Retrier(
            RENDITIONS,
            render_again,
            "gallery.change_image",
            "admin:gallery_image_changelist",
            "rendering__state__exact",
        ),
        Retrier(
            EMBEDDINGS,
            retry_failed,
            "search.change_embedding",
            "admin:search_embedding_changelist",
            "state__exact",
        ),
    )
}


@dataclass(frozen=True)
class Failure:
    """A reason, and how often it is one."""

    kind: Kind
    reason: str
    count: int
    may_retry: bool

    @property
    def listed_at(self) -> str:
        retrier = RETRIERS[self.kind.slug]
        return f"{reverse(retrier.listed_at)}?{urlencode({retrier.listed_by: 'failed'})}"


def failures(user: User) -> list[Failure]:
    """The most frequent reasons of each kind first, in one query a kind."""
    found = [failure for kind in RETRIERS.values() for failure in reasons(kind, user)]
    return sorted(found, key=lambda failure: -failure.count)


def reasons(retrier: Retrier, user: User) -> Iterator[Failure]:
    failed: WorkQuerySet[Any] = retrier.kind.rows().failed()
    counted: QuerySet[Any, Any] = failed.values_list("error").annotate(count=Count("*"))
    for reason, count in counted.order_by("-count", "error")[:MOST_REASONS]:
        yield Failure(retrier.kind, reason, count, user.has_perm(retrier.permission))


def retry(retrier: Retrier, reason: str) -> int:
    """Let the workers try again what failed for that reason; returns how many that is."""
    return retrier.retry(retrier.kind.rows().failed().filter(error=reason))
