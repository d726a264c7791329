"""Progress on the terminal: one line that is rewritten, or a line every ten percent where nobody watches."""

import time
from types import TracebackType
from typing import Self, TextIO

from pipeline.types import Progress

REDRAW_S = 0.1
ERASE = "\r\x1b[K"
QUIET_STEPS = 10
"""How many lines a log gets, after the first."""


class ProgressLine:
    """Shows how far a piece of work has come, while it is entered.

    Args:
        stream: where to write; a terminal's line is rewritten and erased at the end.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._watched = stream.isatty()
        self._start_s = 0.0
        self._drawn_s = -REDRAW_S
        self._next_step = 0
        self._stage = ""
        self._stage_began_s, self._stage_from_s = 0.0, 0.0

    def __enter__(self) -> Self:
        """Start the clock."""
        self._start_s = time.monotonic()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Erase the line."""
        if self._watched:
            self._write(ERASE)

    def report(self, progress: Progress) -> None:
        """Show how far the work has come: its stage, the share that is done, where in the film that is, and the time left."""
        now_s = time.monotonic()
        is_new_stage = progress.stage != self._stage
        if is_new_stage:
            self._stage, self._stage_began_s, self._stage_from_s = progress.stage, now_s, progress.position_s
        if progress.done == 0:
            self._start_s = now_s  # Loading models says nothing of the pace at which a film is read.
        if self._watched:
            if is_new_stage or now_s - self._drawn_s >= REDRAW_S:
                self._drawn_s = now_s
                self._write(ERASE + self._describe(progress, now_s))
        elif int(progress.done * QUIET_STEPS) >= self._next_step:
            self._next_step = int(progress.done * QUIET_STEPS) + 1
            self._write(self._describe(progress, now_s) + "\n")

    def _describe(self, progress: Progress, now_s: float) -> str:
        """The line in words."""
        done, elapsed_s = progress.done, now_s - self._start_s
        words = [f"{progress.stage}  {done:4.0%}"]
        words += describe_pace(
            position_s=progress.position_s,
            speed=find_speed(progress.position_s - self._stage_from_s, now_s - self._stage_began_s),
            left_s=elapsed_s * (1 - done) / done if done > 0 else None,
        )
        return "  ".join(words)

    def _write(self, text: str) -> None:
        """Write at once; a line without an end stays in the buffer otherwise."""
        self._stream.write(text)
        self._stream.flush()


def find_speed(read_s: float, elapsed_s: float) -> float | None:
    """How many seconds of a film a second of work takes care of; None while nothing can be said.

    Args:
        read_s: seconds of the film.
        elapsed_s: seconds of work.
    """
    return read_s / elapsed_s if elapsed_s > 0 and read_s > 0 else None


def describe_pace(*, position_s: float, speed: float | None, left_s: float | None) -> list[str]:
    """Say where in a film the work is, how fast it goes, and how long it takes from here: what is known of it.

    Args:
        position_s: seconds of the cut.
        speed: as `find_speed`.
        left_s: seconds.
    """
    words = [f"at {seconds_to_words(position_s)}"] if position_s > 0 else []
    words += [f"{speed:.{int(speed < 10)}f}×"] if speed is not None else []
    return words + ([f"{seconds_to_words(left_s)} left"] if left_s is not None else [])


def seconds_to_words(duration_s: float) -> str:
    """Write a duration as `m:ss`, or `h:mm:ss` from an hour on.

    Args:
        duration_s: seconds, >= 0; rounded to whole ones.
    """
    minutes, seconds = divmod(round(duration_s), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"
