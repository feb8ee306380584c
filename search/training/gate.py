"""Before an encoder answers: is it worse than the one that does, as far as its tests tell?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.formats import number_format
from django.utils.translation import gettext

from search.bootstrap import bootstrap_interval
from search.measuring import LabelledVectors, Measuring, answers
from search.models import Embedding, Training
from search.splitting import Part

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from search.models import Encoder


@dataclass(frozen=True)
class Loss:
    """By how much mAP gets worse, and between what that lies in 95 % of bootstrap samples."""

    active: str
    new: str
    before: float
    after: float
    low: float
    high: float
    queries: int

    def __str__(self) -> str:
        text = gettext(
            "%(new)s is worse than %(active)s, which answers now: its mAP on the %(queries)s test"
            " images of its training is %(after)s after %(before)s, a difference of %(low)s to"
            " %(high)s."
        )
        figures = ("after", "before", "low", "high")
        told = {name: number_format(f"{getattr(self, name):.3f}") for name in figures}
        return text % (vars(self) | told)


def loss_of(encoder: Encoder, active: Encoder | None) -> Loss | None:
    """What is lost if `encoder` answers instead of `active`; None where it is not certainly worse.

    Only a trained encoder has test images, which it never saw. The difference is paired: both are
    asked the same queries.
    """
    training = Training.objects.filter(encoder=encoder).first()
    if training is None or active is None or active.pk == encoder.pk:
        return None
    figures = precisions(training, encoder, active)
    if figures is None:
        return None
    after, before = figures
    low, high = bootstrap_interval((after - before)[:, None])
    if high[0] >= 0:
        return None
    return Loss(
        str(active),
        str(encoder),
        float(before.mean()),
        float(after.mean()),
        float(low[0]),
        float(high[0]),
        len(after),
    )


def precisions(training: Training, *encoders: Encoder) -> tuple[NDArray[np.float64], ...] | None:
    """Each test image's average precision among the others, (queries,), by each encoder.

    Of those that all have a vector of; None where that leaves nothing to find.
    """
    import numpy as np

    tested = dict(training.images.filter(part=Part.TEST).values_list("image", "label"))
    known = [vectors_of(encoder, tested) for encoder in encoders]
    keys = sorted(set(tested).intersection(*known))
    if not keys:
        return None
    numbers = np.array([tested[key] for key in keys])[:, None]
    members = numbers == np.arange(len(training.classes))
    found = []
    for vectors in known:
        together = np.array([vectors[key] for key in keys], np.float32)
        asked = LabelledVectors(together, training.classes, members)
        blocks = [block.values["map"] for block in answers(asked, None, Measuring())]
        found.append(np.concatenate(blocks))
    return tuple(found) if len(found[0]) else None


def vectors_of(encoder: Encoder, images: dict[int, int]) -> dict[int, Any]:
    rows = Embedding.similar.of(encoder).filter(image__in=list(images))
    return dict(rows.values_list("image", "vector").iterator())
