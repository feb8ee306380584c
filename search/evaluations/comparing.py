"""Encoders side by side on the same labels: their figures, and how sure the differences are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import quantiles

from django.utils.translation import gettext as _

from search.evaluations.figures import Told, figures_of, label_of
from search.models import Evaluation

# Colours and room are for so many.
MOST = 4


@dataclass(frozen=True)
class Difference:
    """How much higher a figure is than the first one's, and between what that lies, if known.

    The interval is that of paired bootstrap samples: both were asked the same.
    """

    value: float
    low: float | None = None
    high: float | None = None
    # Of figures that are not paired: whether their intervals have something in common.
    overlap: bool = False

    @property
    def is_paired(self) -> bool:
        return self.low is not None

    @property
    def is_sure(self) -> bool:
        if self.low is None or self.high is None:
            return not self.overlap
        return self.low > 0 or self.high < 0

    @property
    def verdict(self) -> str:
        if not self.is_sure:
            return _("no certain difference")
        return _("better") if self.value > 0 else _("worse")


@dataclass(frozen=True)
class Compared:
    """A figure of an evaluation, and its difference from that of the first."""

    told: Told | None
    difference: Difference | None


@dataclass(frozen=True)
class Row:
    label: str
    cells: list[Compared]


def is_paired(one: Evaluation, other: Evaluation) -> bool:
    """Whether both were asked the same queries among the same images, with the same samples."""
    same = one.queries_digest == other.queries_digest and one.seed == other.seed
    return bool(one.queries_digest) and same


def compared(evaluations: Sequence[Evaluation]) -> Iterator[Row]:
    """Each figure that the first one has, with the others' differences from it."""
    first, *others = evaluations
    known = {evaluation.pk: figures_of(evaluation) for evaluation in evaluations}
    for name, told in known[first.pk].items():
        cells = [Compared(told, None)]
        for other in others:
            theirs = known[other.pk].get(name)
            found = difference(first, other, told, theirs) if theirs else None
            cells.append(Compared(theirs, found))
        yield Row(label_of(name), cells)


def difference(first: Evaluation, other: Evaluation, one: Told, theirs: Told) -> Difference:
    value = theirs.value - one.value
    samples = paired_samples(first, other, one.name)
    if not samples:
        overlap = one.low <= theirs.high and theirs.low <= one.high
        return Difference(value, overlap=overlap)
    return Difference(value, *interval(samples))


def paired_samples(first: Evaluation, other: Evaluation, name: str) -> list[float]:
    """The figure's difference in each bootstrap sample; none where the two are not paired."""
    if not is_paired(first, other):
        return []
    ours, theirs = first.samples.get(name, []), other.samples.get(name, [])
    if len(ours) != len(theirs):
        return []
    return [high - low for low, high in zip(ours, theirs, strict=True)]


def interval(samples: Sequence[float]) -> tuple[float, float]:
    """Between what 95 % of the samples lie, as `search.bootstrap.interval` without numpy."""
    cuts = quantiles(samples, n=40, method="inclusive")
    return cuts[0], cuts[-1]


def distinct_settings(evaluations: Sequence[Evaluation]) -> list[str]:
    """The names of what they were not measured alike in."""
    names = {
        "labels": _("labels"),
        "at_least": _("the least number of pictures a label"),
        "split": _("the pictures that ask"),
        "votes": _("the neighbours that vote"),
        "seed": _("the seed"),
    }
    parameters = [evaluation.parameters for evaluation in evaluations]
    return [text for name, text in names.items() if len({one[name] for one in parameters}) > 1]


def names_of(evaluations: Sequence[Evaluation]) -> list[str]:
    """What each is called beside the others: by its encoder, and more where that is not enough."""
    names = [evaluation.encoder_name for evaluation in evaluations]
    if len(set(names)) < len(names):
        names = [evaluation.handle for evaluation in evaluations]
    if len(set(names)) < len(names):
        names = [f"{name} #{one.pk}" for name, one in zip(names, evaluations, strict=True)]
    return names
