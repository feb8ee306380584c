"""Results marked as right or wrong: to measure encoders by, and to train them with."""

from collections import Counter
from collections.abc import Iterable

from django.utils import timezone

from gallery.models import Image, User
from gallery.models.images import Person
from search.models import RelevanceMark
from search.similarity import Neighbour

# What stands for marks where the labels are named that something is measured by.
MARKS = "marks"
# An image asked with, a result, and whether that is right.
MarkedPair = tuple[int, int, bool]


def mark(person: User, image: Image, result: Image, is_relevant: bool | None) -> None:
    """Keep what `person` says of a result instead of what they said before; None takes it back."""
    marks = RelevanceMark.objects
    if is_relevant is None:
        marks.filter(person=person, image=image, result=result).delete()
        return
    said = {"is_relevant": is_relevant, "marked_at": timezone.now()}
    marks.update_or_create(said, person=person, image=image, result=result)


def marks_on(image: Image, user: Person) -> dict[int, bool]:
    """What `user` marked among the results of `image`, as far as they may still see it."""
    own = RelevanceMark.objects.made_by(user).filter(image=image)
    seen = own.filter(result__in=Image.objects.visible_to(user))
    return dict(seen.values_list("result", "is_relevant"))


def counted(marks: dict[int, bool]) -> dict[str, int]:
    right = sum(marks.values())
    return {"right": right, "wrong": len(marks) - right}


def show_marks(results: Iterable[Neighbour], marks: dict[int, bool]) -> None:
    for one in results:
        one.mark = marks.get(one.image_id)


def marked_pairs(user: User | None) -> list[MarkedPair]:
    """Pairs of primary keys, in ascending order, and whether the second is right for the first.

    Only images that `user` may see, and only their own marks unless they are staff; with None all
    there are. Where several people marked a pair the majority counts, and where they are divided
    the pair is left out: nobody knows. What is right for one image is not always marked the other
    way round, so (a, b) may be there without (b, a), or with another answer.
    """
    marks = RelevanceMark.objects
    known = marks.among(Image.objects.kept()) if user is None else marks.known_to(user)
    votes: Counter[tuple[int, int]] = Counter()
    for image, result, is_relevant in known.values_list("image", "result", "is_relevant"):
        votes[image, result] += 1 if is_relevant else -1
    return [(*pair, count > 0) for pair, count in sorted(votes.items()) if count]


def can_tell(pairs: Iterable[MarkedPair]) -> bool:
    """Whether some image has a right and a wrong result: else all orders are as good."""
    said: dict[int, set[bool]] = {}
    for image, _, is_relevant in pairs:
        said.setdefault(image, set()).add(is_relevant)
    return any(len(words) == 2 for words in said.values())
