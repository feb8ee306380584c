"""What the `media` worker does. The rows say what is to be done; a task only looks."""

from contextlib import suppress

from celery import shared_task
from django.utils import timezone

from gallery import jobs, locks
from gallery.bell import ring
from gallery.camera_reading import read_some
from gallery.models import Attempts, BulkChange, Image, Session, StrayFile
from gallery.rendering import render_next, renew_some, sweep

STRAY_BATCH = 500
TRASH_BATCH = 500


@shared_task
def render_pending() -> None:
    if render_next() or renew_some() or read_some():
        ring(render_pending)


@shared_task
def sweep_renditions() -> None:
    if sweep():
        ring(render_pending)


@shared_task
def change_pending() -> None:
    """Change some of many images and ring for the next, so that new images get in between."""
    if jobs.work_next():
        ring(change_pending)


@shared_task
def sweep_jobs() -> None:
    if jobs.sweep():
        ring(change_pending)


@shared_task
def delete_stray_files() -> None:
    """While a backup reads what there is, nothing goes."""
    with locks.alone(locks.FILES) as alone:
        if alone:
            for stray in StrayFile.objects.due()[:STRAY_BATCH]:
                stray.delete_file()
                stray.delete()


@shared_task
def forget_changes() -> None:
    """Forget what was before changes that can't be undone any more."""
    BulkChange.objects.expired().delete()


@shared_task
def empty_trash() -> None:
    """Delete for good what has been in the trash for its days, a batch at a time."""
    overdue = Image.objects.overdue()
    batch = list(overdue.values_list("pk", flat=True)[:TRASH_BATCH])
    if batch:
        # Asked once more: what was restored meanwhile stays.
        overdue.filter(pk__in=batch).delete()
        ring(empty_trash)


@shared_task
def check_integrity() -> None:
    from gallery.integrity.checking import AlreadyRunning, check_gallery

    with suppress(AlreadyRunning):
        check_gallery()


@shared_task
def forget_what_is_over() -> None:
    """Sessions that nobody can use any more, and attempts that count no longer."""
    Session.objects.filter(expire_date__lt=timezone.now()).delete()
    Attempts.objects.over().delete()
