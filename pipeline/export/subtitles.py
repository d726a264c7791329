"""Dialogue as SubRip subtitles, at a timeline's own times."""

from fractions import Fraction

from pipeline.clock import frame_to_seconds
from pipeline.errors import ExportError
from pipeline.export.timeline import Timeline
from pipeline.types import Line


def render_srt(timeline: Timeline) -> str:
    """Write the lines that a timeline keeps as SRT, counted from its first frame.

    A line is kept where at least half of it is heard in one go, and is shown as long as it is heard. Clips that go on
    where the one before ended are one. A line that is heard twice is written twice.

    Args:
        timeline: the timeline, at any rate; one that holds the whole cut keeps every line in it.

    Returns:
        The subtitles in the order of the timeline.

    Raises:
        ExportError: there is no line, or none is kept.
    """
    if not timeline.lines:
        raise ExportError(
            f"Nothing is known of what is said in {timeline.media.name!r}.", "Analyse it with --transcript FILE."
        )
    cues: list[tuple[Fraction, Fraction, Line]] = []
    for source_in, source_out, record_in in _join_events(timeline):
        start_s, end_s, plays_s = (
            frame_to_seconds(frame, timeline.rate) for frame in (source_in, source_out, record_in)
        )
        for line in timeline.lines:
            first_s, last_s = max(Fraction(line.start_s), start_s), min(Fraction(line.end_s), end_s)
            length_s = Fraction(line.end_s) - Fraction(line.start_s)
            if first_s < last_s and 2 * (last_s - first_s) >= length_s:
                cues.append((first_s - start_s + plays_s, last_s - start_s + plays_s, line))
    if not cues:
        raise ExportError("No line of dialogue is kept.", "Choose clips in which something is said.")
    cues.sort(key=lambda cue: cue[:2])
    return "\n".join(_write_cue(number, *cue) for number, cue in enumerate(cues, start=1))


def _join_events(timeline: Timeline) -> list[tuple[int, int, int]]:
    """Join events that go on where the one before ended: first frame, frame behind the last, place on the timeline."""
    joined: list[tuple[int, int, int]] = []
    for event in timeline.events:
        if joined and joined[-1][1] == event.source_in:
            joined[-1] = (joined[-1][0], event.source_out, joined[-1][2])
        else:
            joined.append((event.source_in, event.source_out, event.record_in))
    return joined


def _write_cue(number: int, start_s: Fraction, end_s: Fraction, line: Line) -> str:
    """Write one subtitle."""
    return f"{number}\n{_write_clock(start_s)} --> {_write_clock(end_s)}\n{line.text}\n"


def _write_clock(instant_s: Fraction) -> str:
    """Write an instant to the millisecond."""
    seconds, thousandths = divmod(round(instant_s * 1000), 1000)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d},{thousandths:03d}"
