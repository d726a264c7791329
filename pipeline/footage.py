"""The nouns of reading: what lies between a film's file and its measurements. Frozen and keyword-only, like all nouns."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from pipeline.types import Bytes, Cut, Floats, Line


@dataclass(frozen=True, kw_only=True)
class Crop:
    """The part of the stored picture that is picture, without the letterbox.

    Attributes:
        left: first column, pixels.
        top: first row, pixels.
        width: columns kept, pixels.
        height: rows kept, pixels.
        stored: (width, height) of the picture it was measured on.
    """

    left: int
    top: int
    width: int
    height: int
    stored: tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class Chunk:
    """A stretch of the picture that can be decoded apart from the rest: from one key frame up to another.

    Attributes:
        start_s: when its key frame comes on show, seconds of the cut, exact; 0 for the first chunk.
        stop_s: when the next chunk's key frame does; None for the last chunk.
        seek_to: the stamp, in the stream's own units, that leads the container to the key frame; None to read from the
            file's beginning.
    """

    start_s: Fraction
    stop_s: Fraction | None
    seek_to: int | None


@dataclass(frozen=True, kw_only=True)
class Streams:
    """How a cut is read, and what is said in it; nothing of its media is held. It travels between processes.

    Attributes:
        cut: the cut.
        crop: what to keep of its pictures; None for all of them.
        chunks: the picture's chunks in order, covering it without a seam; empty without a picture.
        lines: the transcript's lines in order of start; None when there is no transcript.
        notes: what a person should know of how the file is read, in full sentences.
    """

    cut: Cut
    crop: Crop | None
    chunks: tuple[Chunk, ...]
    lines: tuple[Line, ...] | None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Still:
    """The picture on show in the middle of a second, larger than pictures are measured otherwise.

    Attributes:
        seconds: the seconds in the middle of which it is on show: one, or several while the picture stands still.
        pixels: (H, W, 3) uint8 RGB, the letterbox cropped off, upright, in the proportions in which it is shown.
    """

    seconds: range
    pixels: Bytes


@dataclass(frozen=True, kw_only=True)
class Pictures:
    """Decoded pictures in order, each with the rows of the 25 Hz grid at which it is on show; row i is at i/25 s.

    Attributes:
        pixels: (N, H, W, 3) uint8 RGB, the letterbox cropped off and scaled down.
        times_s: (N,) float64, the presentation time of each, seconds of the cut.
        starts: (N,) int64, the first row at which each is on show.
        stops: (N,) int64, the row behind the last. The key frames where chunks meet are always among the pictures,
            even if they are on show at no row (`starts == stops`).
        stills: those of them that are on show in the middle of a second.
    """

    pixels: Bytes
    times_s: npt.NDArray[np.float64]
    starts: npt.NDArray[np.int64]
    stops: npt.NDArray[np.int64]
    stills: tuple[Still, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Sound:
    """The decoded sound of one second of a cut.

    Attributes:
        second: t; it begins at second t.
        samples: (M, 2) float32 at 48 kHz, 0 < M <= 48,000, full scale 1.
    """

    second: int
    samples: Floats


@dataclass(frozen=True)
class Playback:
    """How a film plays in a browser as it is.

    Attributes:
        is_playable: whether it does at all.
        is_light: whether it does so lightly; if not, a light copy is worth making.
    """

    is_playable: bool
    is_light: bool


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A part of a light copy.

    Attributes:
        start: its first frame, counted from the cut's first at `Cut.timecode_rate`.
        end: the frame behind its last.
        size_px: (width, height) of its pictures, even; None where the cut has no picture.
        box_px: (width, height) that the film's pictures are made to fit in.
        blocks: its first block of sound, and the one behind its last; a block is 1,024 samples at 48 kHz.
    """

    start: int
    end: int
    size_px: tuple[int, int] | None
    box_px: tuple[int, int]
    blocks: tuple[int, int]


PIECE_VERSION = 1
"""Counts up whenever the pieces of a light copy or their clock change: those of two versions are never joined."""
