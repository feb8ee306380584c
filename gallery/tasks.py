"""What the `media` worker does. The rows say what is to be done; a task only looks."""

from celery import shared_task

from gallery.bell import ring
from gallery.models import StrayFile
from gallery.rendering import render_next, sweep

STRAY_BATCH = 500


@shared_task
def render_pending() -> None:
    if render_next():
        ring(render_pending)


@shared_task
def sweep_renditions() -> None:
    if sweep():
        ring(render_pending)


@shared_task
def delete_stray_files() -> None:
    for stray in StrayFile.objects.due()[:STRAY_BATCH]:
        stray.delete_file()
        stray.delete()
