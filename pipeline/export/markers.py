"""Markers on the cut itself, where the clips of a timeline are from: as DaVinci Resolve and Premiere Pro write them.

They lie at the cut's own timecode. In a timeline that starts elsewhere, at Resolve's 01:00:00:00 say, they are wanted
from there: that start is given when the timeline is made.
"""

from dataclasses import dataclass

from pipeline.clock import frame_to_timecode, shift_timecode
from pipeline.errors import ExportError
from pipeline.export.edl import MOST_EVENTS
from pipeline.export.limits import check_rate, check_two_digits
from pipeline.export.timeline import Timeline

_COLUMNS = ("Marker Name", "Description", "In", "Out", "Duration", "Marker Type")


@dataclass(frozen=True, kw_only=True)
class _Marker:
    """A span of the cut: first frame, length, what it is, and why."""

    first: int
    frames: int
    name: str
    note: str


def render_markers_resolve(timeline: Timeline) -> str:
    """Write markers as the EDL that Resolve imports by Timelines, Import, Timeline Markers from EDL.

    An event of one frame for each, and behind it the note, the colour, the name and the length in frames.

    Args:
        timeline: the timeline.

    Returns:
        The list, in the order of the cut.

    Raises:
        ExportError: a rate that no program edits at, or more than 999 markers.
        TimecodeError: a start that is no label.
    """
    label = "A marker EDL"
    check_rate(timeline, label)
    check_two_digits(timeline, label)
    markers = _list_markers(timeline)
    if len(markers) > MOST_EVENTS:
        raise ExportError(f"{label} cannot hold {len(markers)} markers.", "Export fewer of them.")
    counting = "DROP FRAME" if timeline.is_drop else "NON-DROP FRAME"
    lines = [f"TITLE: {timeline.title[:70]}", f"FCM: {counting}", ""]
    for number, marker in enumerate(markers, start=1):
        first, second = (_label(timeline, marker.first + step) for step in (0, 1))
        lines.append(f"{number:03d}  001      V     C        {first} {second} {first} {second}  ")
        note, name = (text.replace("|", "/") for text in (marker.note, marker.name))
        lines += [f"{note} |C:ResolveColorBlue |M:{name} |D:{marker.frames}", ""]
    return "\n".join(lines) + "\n"


def render_markers_premiere(timeline: Timeline) -> str:
    """Write markers as the table that Premiere's Markers panel exports: columns by tabs, `;` throughout for drop-frame.

    Args:
        timeline: the timeline.

    Returns:
        The table, in the order of the cut.

    Raises:
        ExportError: a rate that no program edits at.
        TimecodeError: a start that is no label.
    """
    check_rate(timeline, "A marker table")
    rows: list[tuple[str, ...]] = [_COLUMNS]
    for marker in _list_markers(timeline):
        length = frame_to_timecode(marker.frames, timeline.rate, drop=timeline.is_drop)
        labels = _label(timeline, marker.first), _label(timeline, marker.first + marker.frames), length
        times = (label.replace(":", ";") if timeline.is_drop else label for label in labels)
        rows.append((marker.name, marker.note, *times, "Comment"))
    return "\n".join("\t".join(row) for row in rows) + "\n"


def _list_markers(timeline: Timeline) -> list[_Marker]:
    """List what was chosen in the order of the cut, without handles.

    Resolve keeps one marker a frame, so those that begin together are one, as long as the longest.
    """
    markers: dict[int, _Marker] = {}
    for event in timeline.events:
        first = event.source_in + event.head
        other = markers.get(first)
        markers[first] = _Marker(
            first=first,
            frames=max(event.frames - event.head - event.tail, other.frames if other else 0),
            name=f"{other.name} / {event.name}" if other else event.name,
            note=" / ".join(note for note in (other.note if other else "", event.note) if note),
        )
    return [markers[first] for first in sorted(markers)]


def _label(timeline: Timeline, frame: int) -> str:
    """The label of a frame of the cut, on a timeline that starts as was asked for, or else with the cut's own."""
    if timeline.record_start is None:
        return timeline.label_source(frame)
    return shift_timecode(timeline.find_record_start(), frame, timeline.rate)
