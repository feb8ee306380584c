"""`manage.py embed_images --missing|--outdated|--all`: ask the workers for vectors."""

from argparse import ArgumentParser
from math import inf
from time import monotonic, sleep
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from gallery.models import State
from search.catalogue import encoders_to_fill
from search.encoders import UnloadableEncoder, load
from search.indexing import embed_batch, encoders_in_line, sweep
from search.models import Embedding, Encoder
from search.models.embeddings import EmbeddingQuerySet
from search.requesting import NotFilled, request_missing, retry_failed, rework

POLL_SECONDS = 0.5
PATIENCE_SECONDS = 30
NOBODY_WORKS = "Nothing was embedded for {} s. Is script/server running? --here computes here."

INTERRUPTED = "Interrupted. What was noted is for the workers to do."


class Command(BaseCommand):
    help = "Note which images want a vector, and ring for the workers that make them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument(
            "--missing",
            dest="note",
            action="store_const",
            const=note_missing,
            help="images that have none, those that failed included",
        )
        which.add_argument(
            "--outdated",
            dest="note",
            action="store_const",
            const=note_outdated,
            help="vectors of bytes that the image no longer has",
        )
        which.add_argument(
            "--all",
            dest="note",
            action="store_const",
            const=note_all,
            help="every image; old vectors answer until the new ones are there",
        )
        parser.add_argument("--encoder", metavar="NAME", help="only this one of those in use")
        how = parser.add_mutually_exclusive_group()
        how.add_argument("--wait", action="store_true", help="until the workers are through")
        how.add_argument("--here", action="store_true", help="compute in this process")

    def handle(self, **options: Any) -> None:
        encoders = encoders_in_use(options["encoder"])
        work = Embedding.objects.filter(encoder__in=encoders)
        try:
            for encoder in encoders:
                noted = options["note"](encoder)
                waiting = work.of(encoder).pending().count()
                self.stdout.write(f"{encoder}: {noted} noted, {waiting} waiting")
            if options["here"]:
                compute(work)
            elif options["wait"]:
                self.watch(work)
        except (NotFilled, UnloadableEncoder) as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            raise CommandError(INTERRUPTED, returncode=130) from None
        if options["here"] or options["wait"]:
            self.report(work)

    def watch(self, work: EmbeddingQuerySet) -> None:
        """Show how the workers get on; say so when nothing moves."""
        left = work.pending().count()
        moved = monotonic()
        with tqdm(total=left, unit="image", disable=None) as progress:
            while left:
                sleep(POLL_SECONDS)
                before, left = left, work.pending().count()
                progress.update(before - left)
                if left != before:
                    moved = monotonic()
                elif monotonic() - moved > PATIENCE_SECONDS:
                    self.stderr.write(NOBODY_WORKS.format(PATIENCE_SECONDS))
                    # Said once, until something moves again.
                    moved = inf

    def report(self, work: EmbeddingQuerySet) -> None:
        failed = work.filter(state=State.FAILED)
        for embedding in failed.select_related("image").defer("vector").iterator():
            self.stderr.write(f"{embedding.image_id} ({embedding.image}): {embedding.error}")
        self.stdout.write(f"{work.filter(state=State.READY).count()} ready")
        if count := failed.count():
            raise CommandError(f"{count} could not be embedded.")


def compute(work: EmbeddingQuerySet) -> None:
    """Do the work in this process, beside whatever workers there are. Raises UnloadableEncoder."""
    with tqdm(total=work.pending().count(), unit="image", disable=None) as progress:
        while work.pending().exists():
            if done := embed_batch(work):
                progress.update(done)
            else:
                for encoder in encoders_in_line(work, encoders_to_fill()):
                    # Raises, or the next batch is of this one.
                    load(encoder.name, encoder.digest)
                # What is left is in the hands of others, or of one that was killed.
                sleep(POLL_SECONDS)
                sweep()


def note_missing(encoder: Encoder) -> int:
    return request_missing(encoder) + retry_failed(Embedding.objects.of(encoder))


def note_outdated(encoder: Encoder) -> int:
    return rework(Embedding.objects.of(encoder).outdated())


def note_all(encoder: Encoder) -> int:
    return request_missing(encoder) + rework(Embedding.objects.of(encoder))


def encoders_in_use(name: str | None) -> list[Encoder]:
    """The encoder of that name, or all that this installation fills."""
    known = encoders_to_fill()
    chosen = [encoder for encoder in known if name in {None, encoder.name}]
    if not chosen:
        names = ", ".join(encoder.name for encoder in known) or "none"
        raise CommandError(f"There is no encoder {name!r} in use. There are: {names}.")
    return chosen
