"""What every hand-off is written from: clips of one cut, one behind the other, in whole frames of the cut's exact rate.

Record frames count from the timeline's first frame, source frames from the cut's first. No renderer sees a second, but
for lines of dialogue, which keep their own times.
"""

from dataclasses import dataclass
from fractions import Fraction

from pipeline.clock import shift_timecode, timecode_to_frame
from pipeline.errors import TimecodeError
from pipeline.types import Line

TIMELINE_START = "01:00:00:00"
"""The label of a timeline's first frame, as editors have it."""

_MIDNIGHT = "00:00:00:00"
_RESERVED_REELS = ("BL", "BLACK", "BARS", "AX", "NONE")
"""What an EDL calls black, bars, and sources without a reel."""


@dataclass(frozen=True, kw_only=True)
class Media:
    """The file that all clips are from.

    Attributes:
        name: the file's name, by which programs find it; on one line.
        url: its address, `file:///...`, with everything that a URL does not hold escaped.
        frames: how many it has.
        start_timecode: the label of its first, as the clock writes it; None where it states none.
        reel: the name of its reel, up to 32 of A-Z, a-z, 0-9 and _.
        width: pixels; 0 without a picture.
        height: pixels; 0 without a picture.
        channels: channels of its sound, two where there is sound and nobody knows; 0 without sound.
    """

    name: str
    url: str
    frames: int
    start_timecode: str | None
    reel: str
    width: int
    height: int
    channels: int

    @property
    def has_picture(self) -> bool:
        """Whether there is a picture."""
        return self.height > 0

    @property
    def short_reel(self) -> str:
        """The reel as an EDL names it: eight capital letters and digits at most, and none of the words kept for others."""
        reel = self.reel.replace("_", "").upper()
        return (f"R{reel}" if reel in _RESERVED_REELS else reel)[:8]


@dataclass(frozen=True, kw_only=True)
class Event:
    """One clip on the timeline; ends are exclusive.

    Attributes:
        name: its number and what it is there for, one line.
        note: why it was chosen, one line; may be empty.
        source_in: its first frame in the cut, handles included.
        source_out: the frame behind its last.
        record_in: where it begins on the timeline.
        head: frames of handle before what was chosen.
        tail: frames of handle behind it.
    """

    name: str
    note: str
    source_in: int
    source_out: int
    record_in: int
    head: int = 0
    tail: int = 0

    @property
    def frames(self) -> int:
        """How long it is."""
        return self.source_out - self.source_in

    @property
    def record_out(self) -> int:
        """The frame of the timeline behind its last."""
        return self.record_in + self.frames


@dataclass(frozen=True, kw_only=True)
class Timeline:
    """Clips of one cut, one behind the other.

    Attributes:
        title: its name, one line.
        rate: frames a second, exact.
        media: the file.
        events: in playing order, without gaps; one at least.
        lines: what is said in the cut, at the cut's times.
        record_start: the label of its first frame that somebody asked for.
    """

    title: str
    rate: Fraction
    media: Media
    events: tuple[Event, ...]
    lines: tuple[Line, ...] = ()
    record_start: str | None = None

    @property
    def frames(self) -> int:
        """How long it is."""
        return self.events[-1].record_out

    @property
    def is_drop(self) -> bool:
        """Whether it counts with drop-frame where no format says otherwise: as the cut does, or as its start asks."""
        return any(label is not None and ";" in label for label in (self.media.start_timecode, self.record_start))

    def find_source_start(self, *, drop: bool | None = None) -> str:
        """Return the label of the cut's first frame; a cut that states no timecode counts from midnight as asked.

        Args:
            drop: how to count such a cut; None for as the timeline does.
        """
        return self.media.start_timecode or _write_separator(_MIDNIGHT, drop=self.is_drop if drop is None else drop)

    def find_record_start(self, *, drop: bool | None = None) -> str:
        """Return the label of the timeline's first frame.

        Args:
            drop: how to count; None for `is_drop`.

        Raises:
            TimecodeError: the label asked for is none that the rate shows.
        """
        wanted = self.record_start or TIMELINE_START
        try:
            return shift_timecode(_write_separator(wanted, drop=self.is_drop if drop is None else drop), 0, self.rate)
        except ValueError as error:
            raise TimecodeError(
                f"A timeline at {float(self.rate):.5g} frames a second cannot start at {wanted!r}: {error}.",
                "Give a start such as 01:00:00:00.",
            ) from error

    def label_source(self, frame: int, *, drop: bool | None = None) -> str:
        """Return the label of a frame of the cut; past midnight it goes on at 00:00:00:00."""
        return shift_timecode(self.find_source_start(drop=drop), frame, self.rate)

    def label_record(self, frame: int, *, drop: bool | None = None) -> str:
        """Return the label of a frame of the timeline; past midnight it goes on at 00:00:00:00."""
        return shift_timecode(self.find_record_start(drop=drop), frame, self.rate)

    def count_to_source_start(self) -> int:
        """Return how many frames lie between midnight and the cut's first."""
        return timecode_to_frame(self.find_source_start(), self.rate)

    def count_to_record_start(self) -> int:
        """Return how many frames lie between midnight and the timeline's first."""
        return timecode_to_frame(self.find_record_start(), self.rate)


def _write_separator(label: str, *, drop: bool) -> str:
    """Write a label as drop-frame, or as not."""
    head, mark, frames = label.strip()[:8], label.strip()[8:9], label.strip()[9:]
    return f"{head}{';' if drop else ':'}{frames}" if mark and mark in ":;.," else label
