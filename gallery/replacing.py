"""Giving an image another file: what is said of it stays, what was made of the old one goes."""

from django.core.files.base import File
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from gallery.bell import ring_on_commit
from gallery.imagefile import RejectedFile
from gallery.ingest import Inspected, file_columns, look_at, restore_file, write_file
from gallery.models import CameraFacts, Image, Rendering, StrayFile
from gallery.models.images import Person
from gallery.signals import image_replaced
from gallery.tasks import render_pending


class AlreadyThere(RejectedFile):
    """Another image of the same owner has these bytes."""

    status = 409

    def __init__(self, image: Image) -> None:
        super().__init__(
            _("Another picture of the same owner has these very bytes; it may lie in the trash.")
        )
        self.image = image


def seen_other(user: Person, rejected: RejectedFile) -> Image | None:
    """The image because of which a file was rejected, if `user` may see it."""
    if not isinstance(rejected, AlreadyThere):
        return None
    return Image.objects.visible_to(user).filter(pk=rejected.image.pk).first()


def replace_file(image: Image, file: File) -> bool:
    """Make `file` the image's own; False where it has these very bytes already.

    Its number, labels, albums, rights and favourites stay. Its date is the new file's, unless that
    has none. Raises RejectedFile; then all is as it was.
    """
    inspected = look_at(file)
    if inspected.sha256 == image.sha256:
        restore_file(image, file)
        return False
    refuse_known(image, inspected.sha256)
    name = Image.new_file_name(inspected.facts.suffix)
    StrayFile.objects.announce([name])
    try:
        write_file(name, file)
        exchange(image, name, file, inspected)
    except IntegrityError:
        StrayFile.objects.doom([name])
        # It came through another door meanwhile.
        refuse_known(image, inspected.sha256)
        raise
    except Exception:
        StrayFile.objects.doom([name])
        raise
    return True


def refuse_known(image: Image, sha256: str) -> None:
    others = Image.objects.filter(owner=image.owner_id, sha256=sha256).exclude(pk=image.pk)
    if other := others.first():
        raise AlreadyThere(other)


@transaction.atomic
def exchange(image: Image, name: str, file: File, inspected: Inspected) -> None:
    """All rows at once: before it the old file is the image's, and after it the new one.

    Rows of work that a worker may be at for the old file are not changed but deleted, so that it
    finds none to finish.
    """
    stored = Image.objects.select_for_update().filter(pk=image.pk).first()
    if stored is None:
        raise RejectedFile(_("The picture was deleted meanwhile."))
    StrayFile.objects.doom(stored.file_names())
    columns = {**file_columns(file, inspected), "file": name, "replaced_at": timezone.now()}
    if inspected.facts.taken_at:
        columns["taken_at"] = inspected.facts.taken_at
    Image.objects.filter(pk=image.pk).update(**columns)
    image.refresh_from_db()
    Rendering.objects.filter(image=image).delete()
    Rendering.objects.create(image=image)
    CameraFacts.objects.keep(image, inspected.facts.recorded)
    StrayFile.objects.adopt([name])
    image_replaced.send(Image, image=image)
    ring_on_commit(render_pending)
