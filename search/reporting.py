"""An evaluation as a table for people and as one for other programs."""

import csv
from collections.abc import Iterator
from typing import Any, TextIO

from search.evaluation import Evaluation
from search.figures import Classification

MISTAKES = 10


def text_table(found: Evaluation) -> str:
    """What was measured, each figure with its interval, then by class, then what was mistaken."""
    sections = [list(facts(found)), list(figure_lines(found))]
    if classified := found.quality.classification:
        sections += [class_lines(classified), mistake_lines(classified)]
    return "\n\n".join("\n".join(lines) for lines in sections if lines)


def facts(found: Evaluation) -> Iterator[str]:
    told: dict[str, Any] = {
        "encoder": found.encoder,
        "images": found.images,
        "candidates": found.candidates,
        "without vector": found.without_vector,
        **({"marks": found.marks} if found.marks else {"classes": found.classes}),
        "queries": found.quality.queries,
        "excluded": found.quality.excluded,
    }
    if speed := found.speed:
        told["images_per_second"] = f"{speed.images_per_second:.1f}"
        told["latency"] = f"p50 {speed.latency.p50:.1f} ms, p95 {speed.latency.p95:.1f} ms"
    return (f"{name:18} {value}" for name, value in told.items())


def figure_lines(found: Evaluation) -> Iterator[str]:
    yield f"{'':18} {'':6}  95 % of samples"
    for name, figure in found.quality.figures.items():
        yield f"{name:18} {figure.value:.4f}  {figure.low:.4f} to {figure.high:.4f}"


def class_lines(classified: Classification) -> list[str]:
    width = max(len("class"), *map(len, classified.per_class))
    head = f"{'class':{width}}  precision  recall      f1  images"
    return [
        head,
        *(
            f"{label:{width}}  {scores['precision'].value:9.4f}  {scores['recall'].value:.4f}"
            f"  {scores['f1'].value:.4f}  {scores['f1'].queries:6}"
            for label, scores in classified.per_class.items()
        ),
    ]


def mistake_lines(classified: Classification) -> list[str]:
    mistakes = classified.mistakes()
    lines = [f"{truth} taken for {answer}: {count}" for count, truth, answer in mistakes[:MISTAKES]]
    more = len(mistakes) - len(lines)
    return [*lines, *([f"and {more} more kinds of mistake"] if more else [])]


def write_csv(found: Evaluation, out: TextIO) -> None:
    """One line a figure: its name, the class it is about or none, value, interval and queries."""
    writer = csv.writer(out)
    writer.writerow(["figure", "class", "value", "low", "high", "queries"])
    for name, label, figure in found.quality.rows():
        writer.writerow([name, label, *figure.as_json().values()])
