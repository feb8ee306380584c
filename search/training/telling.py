"""A training's figures for a terminal."""

from collections.abc import Iterator

from search.models import Training

HEAD = ("encoder", "mAP among test", "P@1", "mAP on labels left out", "images/s")


def text_table(training: Training) -> str:
    """What it was trained with, how the head names, and the encoder beside the others."""
    return "\n".join([*facts(training), "", *encoder_lines(training.report["encoders"])])


def facts(training: Training) -> Iterator[str]:
    report = training.report
    images = ", ".join(f"{count} {part}" for part, count in report["images"].items() if count)
    yield f"{'encoder':18} {training.encoder}"
    yield f"{'images':18} {images}"
    yield f"{'unreadable':18} {len(training.unreadable)}"
    yield f"{'parameters':18} {report['parameters']}"
    yield f"{'epochs':18} {report['epochs']}, the best {report['best_epoch']}"
    yield f"{'training':18} {report['seconds']:.0f} s, {report['images_per_second']:.0f} images/s"
    if report["head"]:
        for name, figure in report["head"]["figures"].items():
            yield f"{'head, ' + name:18} {interval(figure)}"


def encoder_lines(encoders: list[dict[str, object]]) -> Iterator[str]:
    yield "  ".join([f"{HEAD[0]:28}", f"{HEAD[1]:26}", f"{HEAD[2]:26}", f"{HEAD[3]:26}", HEAD[4]])
    for one in encoders:
        cells = [
            f"{one['encoder']} ({one['role']})".ljust(28),
            figure_of(one["among_test"], "map").ljust(26),
            figure_of(one["among_test"], "precision_at_1").ljust(26),
            figure_of(one["unseen"], "map").ljust(26),
            f"{one['images_per_second']:.0f}",
        ]
        yield "  ".join(cells)


def figure_of(quality: object, name: str) -> str:
    return interval(quality["figures"][name]) if isinstance(quality, dict) else "–"


def interval(figure: dict[str, float]) -> str:
    return f"{figure['value']:.4f} ({figure['low']:.4f} to {figure['high']:.4f})"
