"""Edit decision lists as CMX 3600 has them, without and with drop-frame timecode.

Both ends of an event are exclusive, and every label is counted as its separator says: `:` without, `;` with drop-frame.
Record labels are counted as the format's name says, and `FCM` says it too. Source labels are counted as the cut does,
for that is how a program finds the frame; only a cut that states no timecode is counted like the list.

Source: CMX 3600 edit decision list, as SMPTE 258M describes it; the comments as Avid writes them.
"""

from pipeline.errors import ExportError
from pipeline.export.limits import check_drop, check_rate, check_two_digits
from pipeline.export.timeline import Event, Media, Timeline

MOST_EVENTS = 999
"""An event's number has three digits."""


def render_edl(timeline: Timeline) -> str:
    """Write an EDL whose record labels count without drop-frame.

    Args:
        timeline: the timeline.

    Returns:
        The list. A rate is not written in it: the program reads it in a project of the film's rate.

    Raises:
        ExportError: more than 999 events; a rate that no program edits at, or over 100 frames a second.
        TimecodeError: a start that is no label.
    """
    return _render(timeline, drop=False, label="An EDL")


def render_edl_drop(timeline: Timeline) -> str:
    """Write an EDL whose record labels count with drop-frame, at 29.97 or, frame numbers running to 59, at 59.94.

    Args:
        timeline: the timeline.

    Returns:
        The list.

    Raises:
        ExportError: as `render_edl`, and a rate without drop-frame.
        TimecodeError: a start that is no label.
    """
    check_drop(timeline, "A drop-frame EDL")
    return _render(timeline, drop=True, label="A drop-frame EDL")


def _render(timeline: Timeline, *, drop: bool, label: str) -> str:
    """Write title, counting, and events."""
    check_rate(timeline, label)
    check_two_digits(timeline, label)
    if len(timeline.events) > MOST_EVENTS:
        raise ExportError(
            f"{label} cannot hold {len(timeline.events)} clips: its numbers have three digits.",
            "Export fewer clips, or otio.",
        )
    lines = [f"TITLE: {timeline.title[:70]}", f"FCM: {'DROP FRAME' if drop else 'NON-DROP FRAME'}", ""]
    for number, event in enumerate(timeline.events, start=1):
        lines += _write_event(number, event, timeline, drop=drop)
    return "\n".join(lines) + "\n"


def _write_event(number: int, event: Event, timeline: Timeline, *, drop: bool) -> list[str]:
    """Write an event and its comments."""
    media = timeline.media
    source = [timeline.label_source(frame, drop=drop) for frame in (event.source_in, event.source_out)]
    record = [timeline.label_record(frame, drop=drop) for frame in (event.record_in, event.record_out)]
    lines = [f"{number:03d}  {media.short_reel:<8} {_name_channels(media):<5} C        {' '.join(source + record)}"]
    lines.append(f"* FROM CLIP NAME: {media.name}")
    lines.append(f"* REEL NAME: {media.reel}")
    lines.append(f"* COMMENT: {event.name}{': ' if event.note else ''}{event.note}")
    if event.head or event.tail:
        lines.append(f"* HANDLES: {event.head} FRAMES BEFORE, {event.tail} BEHIND")
    return [*lines, ""]


def _name_channels(media: Media) -> str:
    """Name the channels that are cut: of more than two of sound the first two, for which alone there is a word."""
    sound = ("", "A", "AA")[min(media.channels, 2)]
    if not media.has_picture:
        return sound
    return {"": "V", "A": "B", "AA": "AA/V"}[sound]
