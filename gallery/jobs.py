"""Changing thousands of images in the background: start, claim, change a chunk, tell how far.

Apps register their actions when they are ready. The same function serves a handful at once.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.db import transaction
from django.db.models import F
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from gallery.models import BulkJob, Image, User

CHUNK = 500
# Longer than any chunk takes.
LEASE = timedelta(minutes=2)
GAVE_UP = "Given up: this ended the program three times. What was done until then stays."


@dataclass(frozen=True)
class Done:
    """Which images of a chunk were changed, and how many were refused for which reason."""

    changed: Sequence[int]
    refused: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class JobAction:
    """What can be done with many images: its name for people, who may, and how.

    `change` gets the primary keys of some images, in order, and what was said; it is called in a
    transaction, and again where that was lost.
    """

    label: str | Promise
    permissions: tuple[str, ...]
    change: Callable[[list[int], dict[str, Any]], Done]
    # What the history of the images calls it.
    flag: int = CHANGE

    def is_permitted(self, person: Any) -> bool:
        return bool(person.has_perms(self.permissions))


actions: dict[str, JobAction] = {}


def start(
    person: User, action: str, images: list[int], said: dict[str, Any], detail: str = ""
) -> BulkJob:
    return BulkJob.objects.create(
        person=person,
        action=action,
        said=said,
        detail=detail[:300],
        images=images,
        total=len(images),
    )


def label_of(job: BulkJob) -> str:
    """What it does, in words."""
    action = actions.get(job.action)
    return str(action.label) if action else job.action


def work_next() -> bool:
    """Change the next chunk of the job that waits longest; False when none does."""
    claimed = BulkJob.objects.for_lists().claim(1, LEASE)
    for job in claimed:
        work_on(job)
    return bool(claimed)


def work_on(job: BulkJob) -> None:
    """Change the job's next chunk; nothing where somebody else was faster."""
    with transaction.atomic():
        mine = BulkJob.objects.filter(pk=job.pk, done=job.done).pending()
        held = mine.for_lists().select_for_update(of=("self",), no_key=True).first()
        if held is None:
            return
        if obstacle := obstacle_to(held):
            mine.fail(obstacle)
        else:
            work_on_chunk(held)


def obstacle_to(job: BulkJob) -> str:
    """Why this can't go on; rights may have been taken away since it began."""
    action = actions.get(job.action)
    if action is None:
        return _("Nobody here knows how to do that any more.")
    if not (job.person.is_active and action.is_permitted(job.person)):
        return _("%(person)s may not do that any more.") % {"person": job.person}
    return ""


def work_on_chunk(job: BulkJob) -> None:
    slice_of_images = f"images__{job.done}_{job.done + CHUNK}"
    mine = BulkJob.objects.filter(pk=job.pk)
    chunk: list[int] = mine.values_list(slice_of_images, flat=True).get()
    there = still_there(chunk)
    done = actions[job.action].change([pk for pk in chunk if pk in there], job.said)
    note_in_history(job, [there[pk] for pk in done.changed])
    refused = Counter(job.refused) + Counter(done.refused)
    refused += Counter({_("It is gone."): len(chunk) - len(there)})
    until = job.done + len(chunk)
    progress = {
        "done": until,
        "changed": F("changed") + len(done.changed),
        "refused": dict(refused),
    }
    if until < job.total:
        mine.advance(**progress)
    else:
        # A million keys are no more needed.
        mine.succeed(images=[], **progress)


def still_there(chunk: Sequence[int]) -> dict[int, Image]:
    """Those that were not deleted meanwhile, and will not be until they are changed."""
    rows = Image.objects.filter(pk__in=chunk).order_by("pk").only("title")
    return {image.pk: image for image in rows.select_for_update(no_key=True)}


def note_in_history(job: BulkJob, changed: list[Image]) -> None:
    """Each image's own history in the admin tells of it."""
    message = ": ".join(filter(None, [label_of(job), job.detail]))
    flag = actions[job.action].flag
    # Written without a queryset, as what was deleted can't be asked for.
    noted: Any = changed
    LogEntry.objects.log_actions(job.person_id, noted, flag, f"{message} (#{job.pk})")


def sweep() -> bool:
    """Give up what was tried too often; whether anything waits."""
    BulkJob.objects.exhausted().fail(GAVE_UP)
    return BulkJob.objects.claimable().exists()
