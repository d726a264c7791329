"""Following a film that is still being written: `analyse --live`."""

import csv
import io
import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from pipeline.errors import FilmError, TranscriptError
from pipeline.export.tables import name_curve_columns, write_second
from pipeline.live import LiveOptions, LiveSpan, follow_cut
from pipeline.streams.growing import check_growing
from pipeline.streams.probe import find_sidecar
from pipeline.types import Curves
from studio.folder import write_files
from studio.networks import load_live_models

TOLD = ("tension", "arousal", "valence")
"""The curves that are told of each second; the table has all of them."""

LIVE_TABLE = "live.csv"


def follow_film(
    path: Path,
    folder: Path,
    *,
    transcript: Path | None,
    options: LiveOptions,
    tell: Callable[[LiveSpan], None],
    keep_on: Callable[[], bool] = lambda: True,
) -> Path:
    """Draw the curves of a growing film until it has stood still for a while, and write them into a table as they come.

    Args:
        path: the film.
        folder: where the table goes; made where it is missing.
        transcript: its subtitle file, which may grow too; None takes the one beside the film, if any.
        options: how often to answer, and how long to wait.
        tell: called with each span of seconds, in order and without a gap.
        keep_on: asked again and again whether to go on.

    Returns:
        The table, a row a second: `second`, then the columns of `curves.csv` after the timecode.

    Raises:
        FilmError: the film cannot be read, the models cannot be loaded, or the folder cannot be written.
    """
    check_growing(path)
    if transcript is not None and not transcript.is_file():
        raise TranscriptError(f"There is no subtitle file {transcript.name!r}.", "Check the path, or leave it out.")
    text_model, model = load_live_models()
    table = folder / LIVE_TABLE
    spans = follow_cut(
        path,
        model=model,
        text_model=text_model,
        transcript=transcript or find_sidecar(path),
        options=options,
        keep_on=keep_on,
    )
    write_files({LIVE_TABLE: _write_rows([["second", *name_curve_columns(model.curves)]])}, folder)
    for span in spans:
        rows = [[str(span.first + t), *write_second(span.curves, t)] for t in range(len(span.curves.values))]
        try:
            with table.open("ab") as file:
                file.write(_write_rows(rows))
        except OSError as error:
            raise FilmError(
                f"{str(table)!r} cannot be written: {error.strerror}.", "Make room, or choose --out."
            ) from error
        tell(span)
    return table


@contextmanager
def catch_interrupt() -> Iterator[threading.Event]:
    """Take a person's Ctrl-C for a wish to stop following: the event is set in place of a `KeyboardInterrupt`."""
    interrupted = threading.Event()
    before = signal.signal(signal.SIGINT, lambda *_: interrupted.set())
    try:
        yield interrupted
    finally:
        signal.signal(signal.SIGINT, before)


def _write_rows(rows: Iterable[Sequence[str]]) -> bytes:
    """Write rows of a table."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def describe_span(span: LiveSpan) -> str:
    """Say what people want to see of each second while the film runs, a line each."""
    lines = []
    for t in range(len(span.curves.values)):
        second = span.first + t
        clock = f"{second // 3600}:{second // 60 % 60:02d}:{second % 60:02d}"
        lines.append("  ".join([clock, *(_describe_value(span.curves, name, t) for name in TOLD)]))
    return "\n".join(lines)


def _describe_value(curves: Curves, name: str, second: int) -> str:
    """A curve's name, its value and its band."""
    at = curves.names.index(name)
    value, low, high = (array[second, at] for array in (curves.values, curves.low, curves.high))
    return f"{name} {value:5.2f} ({low:.2f} to {high:.2f})"
