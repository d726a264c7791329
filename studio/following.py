"""Following a film that is still being written: `analyse --live`."""

import csv
from collections.abc import Callable
from pathlib import Path

from pipeline.export.tables import name_curve_columns, write_second
from pipeline.live import LiveOptions, LiveSpan, follow_cut
from pipeline.types import Curves
from studio.folder import draft_folder
from studio.networks import load_live_models

TOLD = ("tension", "arousal", "valence")
"""The curves that are told of each second; the table has all of them."""

LIVE_TABLE = "live.csv"


def follow_film(
    path: Path, folder: Path, *, transcript: Path | None, options: LiveOptions, tell: Callable[[LiveSpan], None]
) -> Path:
    """Draw the curves of a growing film until it has stood still for a while, and write them into a table as they come.

    Args:
        path: the film.
        folder: where the table goes; made where it is missing.
        transcript: its subtitle file, which may grow too.
        options: how often to answer, and how long to wait.
        tell: called with each span of seconds, in order and without a gap.

    Returns:
        The table, a row a second: `second`, then the columns of `curves.csv` after the timecode.

    Raises:
        FilmError: the film cannot be read, the models cannot be loaded, or the folder cannot be written.
    """
    text_model, model = load_live_models()
    table = folder / LIVE_TABLE
    with draft_folder(folder):  # Refuses a folder that cannot be written.
        file = table.open("w", encoding="utf-8", newline="")
    with file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["second", *name_curve_columns(model.curves)])
        for span in follow_cut(path, model=model, text_model=text_model, transcript=transcript, options=options):
            rows.writerows([str(span.first + t), *write_second(span.curves, t)] for t in range(len(span.curves.values)))
            file.flush()
            tell(span)
    return table


def describe_span(span: LiveSpan) -> str:
    """Say what people want to see of each second while the film runs, a line each."""
    lines = []
    for t in range(len(span.curves.values)):
        second = span.first + t
        clock = f"{second // 3600}:{second // 60 % 60:02d}:{second % 60:02d}"
        lines.append("  ".join([clock, *(_describe_value(span.curves, name, t) for name in TOLD)]))
    return "\n".join(lines)


def _describe_value(curves: Curves, name: str, second: int) -> str:
    """A curve's name, its value and half the width of its band."""
    at = curves.names.index(name)
    half_width = (curves.high[second, at] - curves.low[second, at]) / 2
    return f"{name} {curves.values[second, at]:+.2f} (\u00b1{half_width:.2f})"
