"""Clips of a cut laid out as a timeline: a trailer's, a bin's, or those of ranked segments."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from pipeline.clock import count_frames, frame_to_seconds, nearest_frame, shift_timecode
from pipeline.errors import ExportError
from pipeline.export.timeline import Event, Media, Timeline
from pipeline.places import is_remote, name_url
from pipeline.sequence import Clip
from pipeline.types import Cut, Line, Reason

REEL_LENGTH = 32
"""Characters of a reel's name that editing programs keep; an EDL has 8."""

_NOT_TEXT = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]+")


@dataclass(frozen=True, kw_only=True)
class TimelineOptions:
    """How a timeline is laid out.

    Attributes:
        title: its name; the cut's title if None.
        handles: frames that every clip is given more on both sides, as far as the cut goes; what follows moves down.
        reel: the reel that the cut is known by; made of its file's name if None.
        record_start: the label of its first frame, `HH:MM:SS:FF`, or `HH:MM:SS;FF` to count with drop-frame. If None,
            01:00:00:00; and for markers, which lie on the cut itself, the cut's own start.
    """

    title: str | None = None
    handles: int = 0
    reel: str | None = None
    record_start: str | None = None


def make_timeline(
    cut: Cut, clips: Sequence[Clip], *, lines: Sequence[Line] = (), options: TimelineOptions | None = None
) -> Timeline:
    """Lay clips of a cut one behind the other.

    A clip that runs past the end of the cut ends with it. Handles are whatever the cut has of them.

    Args:
        cut: the cut.
        clips: in playing order, on the cut's frames.
        lines: what is said in the cut.
        options: how to lay them out.

    Returns:
        The timeline.

    Raises:
        ExportError: there is no clip, or one that lies behind the end of the cut.
        ValueError: a clip that begins or ends between two frames.
    """
    options = options or TimelineOptions()
    if not clips:
        raise ExportError(
            f"There is nothing of {cut.title!r} to put on a timeline.", "Choose at least one moment, and export again."
        )
    media = describe_media(cut, options.reel)
    events: list[Event] = []
    for number, clip in enumerate(clips, start=1):
        start, end = (_find_frame(instant_s, cut) for instant_s in (clip.start_s, clip.end_s))
        if start >= media.frames:
            raise ExportError(
                f"Clip {number} lies behind the end of {cut.title!r}.",
                "It was made from a longer version; make it again from this one.",
            )
        end = min(end, media.frames)
        head, tail = min(options.handles, start), min(options.handles, media.frames - end)
        event = Event(
            name=write_one_line(f"{number:02d} {clip.role}"),
            note=write_one_line(_write_reasons(clip.reasons)),
            source_in=start - head,
            source_out=end + tail,
            record_in=events[-1].record_out if events else 0,
            head=head,
            tail=tail,
        )
        events.append(event)
    return Timeline(
        title=write_one_line(options.title or cut.title) or "Untitled",
        rate=cut.timecode_rate,
        media=media,
        events=tuple(events),
        lines=tuple(replace(line, text=text) for line in lines if (text := write_one_line(line.text))),
        record_start=options.record_start,
    )


def find_whole(cut: Cut, *, role: str = "the whole cut") -> Clip:
    """Return all of a cut as one clip."""
    return Clip(
        start_s=Fraction(0),
        end_s=frame_to_seconds(count_frames(cut.duration_s, cut.timecode_rate), cut.timecode_rate),
        role=role,
    )


def write_one_line(text: str) -> str:
    """Write text on one line, without what is no character of a text; white space of any length is one space."""
    return " ".join(_NOT_TEXT.sub(" ", text).split())


def describe_media(cut: Cut, reel: str | None = None) -> Media:
    """Describe a cut's file as editing programs want it described; its reel is made of its file's name if none is given."""
    start = cut.start_timecode
    return Media(
        name=_NOT_TEXT.sub(" ", cut.path.name),
        url=name_url(cut.path) if is_remote(cut.path) else cut.path.absolute().as_uri(),
        frames=count_frames(cut.duration_s, cut.timecode_rate),
        start_timecode=None if start is None else shift_timecode(start, 0, cut.timecode_rate),
        reel=_name_reel(reel or cut.path.stem, cut),
        width=cut.width,
        height=cut.height,
        channels=(cut.audio_channels or 2) if "audio" in cut.streams else 0,
    )


def _name_reel(name: str, cut: Cut) -> str:
    """Make a reel's name: the ASCII letters, digits and _ of another name, or else the cut's id."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9]+", "_", plain).strip("_")[:REEL_LENGTH] or cut.cut_id


def _find_frame(instant_s: Fraction, cut: Cut) -> int:
    """Return the frame that begins at an instant."""
    frame = nearest_frame(instant_s, cut.timecode_rate)
    if frame_to_seconds(frame, cut.timecode_rate) != instant_s:
        raise ValueError(f"{instant_s} s lies between two frames of {cut.timecode_rate} a second")
    return frame


def _write_reasons(reasons: Sequence[Reason]) -> str:
    """Write reasons with their weights, what counts most first."""
    told = sorted((r for r in reasons if abs(r.weight) >= 0.005), key=lambda reason: -abs(reason.weight))
    return ", ".join(f"{reason.name} {reason.weight:+.2f}" for reason in told)
