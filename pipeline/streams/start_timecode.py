"""The start timecode of a film: the one its container states, or the one a person gives."""

import struct
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from pipeline import clock
from pipeline.errors import TimecodeError
from pipeline.streams.source import open_source

if TYPE_CHECKING:
    from av.container import InputContainer  # The library checks what a person gives without loading a decoder.

_ATOMS = (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd", b"tmcd")
"""The way to the description of a QuickTime timecode track."""

_LONGEST_WAY = 10_000
"""Atoms read before the search is given up; a film has dozens."""


def check_start_timecode(timecode: str, rate: Fraction) -> str:
    """Return a start timecode as the clock writes it, if a film of this rate can show it.

    Args:
        timecode: what a person gave, `HH:MM:SS:FF`, or `HH:MM:SS;FF` for drop-frame.
        rate: frames a second that the film's timecode counts, `Cut.label_rate`.

    Returns:
        The label.

    Raises:
        TimecodeError: it is no timecode, or none of this rate; the message says why, the hint gives an example.
    """
    try:
        return clock.shift_timecode(timecode, 0, rate)
    except ValueError as error:
        hour = clock.frame_to_timecode(clock.timecode_to_frame("01:00:00:00", rate), rate)
        examples = [hour]
        if clock.can_drop_frames(rate):
            examples.append(clock.shift_timecode("01:00:00;00", 0, rate) + " for drop-frame")
        raise TimecodeError(
            f"The start timecode will not do: {error}.",
            f"Give one like {', or '.join(examples)}; this film runs at {float(rate):.5g} frames a second.",
        ) from error


def find_start_timecode(container: "InputContainer", path: Path, rate: Fraction, *, first_s: Fraction) -> str | None:
    """Return the label of film time 0 that the container or a stream states, if the film's rate can show it.

    QuickTime and MP4 state it in a timecode track (`tmcd`), which counts at a rate of its own. High-rate films may count
    at half or a quarter of theirs, as SMPTE ST 12-1 did before ST 12-3; such a label is turned into the film's counting
    (01:00:00:12 of 25 is 01:00:00:24 of 50). It belongs to the movie's time 0; where film time 0 lies later (an empty
    edit before the picture), the label has moved on. MXF, Matroska and AVI state the label of the film's first frame.

    Args:
        container: the open film.
        path: its file.
        rate: frames a second that timecode counts.
        first_s: film time 0 in the container's time, seconds; 0 where it is only a decoder's delay.

    Returns:
        The label; None if there is none, or none that this rate can show.
    """
    is_movie = "mov" in container.format.name.split(",")
    counted = _read_counted(path) if is_movie else None
    lead = clock.seconds_to_frame(float(first_s), rate) if is_movie else 0
    for label in list_labels(container):
        try:
            if counted is not None:
                label = clock.convert_timecode(label, counted, rate)
            return clock.shift_timecode(label, lead, rate)
        except ValueError:
            continue
    return None


def list_labels(container: "InputContainer") -> Iterable[str]:
    """Yield every start timecode that the container and then its streams state."""
    for metadata in (container.metadata, *(stream.metadata for stream in container.streams)):
        yield from (value for key, value in metadata.items() if key.lower() == "timecode")


def _read_counted(path: Path) -> int | None:
    """Return how many frames a second the movie's first timecode track counts; None without such a track.

    FFmpeg reports the label that the track's own rate makes, and not that rate. It is one byte of the sample description:
    size and type (8 bytes), reserved and reference (8), reserved (4), flags (4), time scale (4), duration of a frame (4),
    frames counted in a second (1).

    Source: QuickTime File Format Specification, "Timecode Sample Description".
    """
    with open_source(path) as file:
        end = file.seek(0, 2)
        at = _find_atom(file, 0, end, _ATOMS, [_LONGEST_WAY])
        if at is None:
            return None
        file.seek(at + 24)
        return next(iter(file.read(1)), 0) or None


def _find_atom(file: BinaryIO, at: int, end: int, way: tuple[bytes, ...], left: list[int]) -> int | None:
    """Return where the content of the first atom at the end of a way begins, searching [at, end)."""
    while at + 8 <= end and left[0] > 0:
        left[0] -= 1
        file.seek(at)
        head = file.read(16)
        if len(head) < 8:
            return None
        size, kind = struct.unpack(">I4s", head[:8])
        content = at + 8
        if size == 1 and len(head) == 16:
            size, content = struct.unpack(">Q", head[8:])[0], at + 16
        stop = end if size == 0 else min(end, at + size)
        if stop < content:
            return None
        if kind == way[0]:
            # The table of descriptions begins with its version and its length.
            inside = content + 8 if kind == b"stsd" else content
            found = content if len(way) == 1 else _find_atom(file, inside, stop, way[1:], left)
            if found is not None:
                return found
        at = stop
    return None
