"""The nouns of comparing: what is the same in two cuts, what differs, what that did. Frozen and keyword-only, as all are."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from pipeline.arrays import freeze_array
from pipeline.types import LEVEL_BANDS, Bools, Bytes, Cut, Floats

CHANGES = ("removed", "added", "moved", "retimed", "picture", "sound")
"""What an edit can do to a stretch of a cut; the last two replace the picture under the same sound, and the other way round."""

PASSAGES = ("flat", "peak", "build-up", "release")
"""What a stretch of a curve can be."""


@dataclass(frozen=True, kw_only=True)
class Fingerprint:
    """What a cut is known again by, in whatever size, codec or loudness; row i is at i/25 s, N = 25 T rows.

    Attributes:
        frame_hashes: (N, 18) uint8, 144 bits of the perceptual hash of the picture on show, the letterbox cropped off.
        centre_hashes: (N, 18) uint8, the same of the middle two thirds of it, where no watermark stands.
        contrast: (N,) uint8, the standard deviation of the green in that middle, 0..127; near 0 the hash means nothing.
        picture_present: (N,) bool, rows that show a picture.
        picture_times_s: (N,) float64, the presentation time of the picture on show, seconds of the cut.
        levels: (N, 24) uint8, level of the sound in bands of equal ratio from 150 to 6,400 Hz, over the 80 ms that end
            40 ms behind the row's instant: half decibels above -100 dB of full scale.
        sound_present: (N,) bool, rows that have sound.
    """

    frame_hashes: Bytes
    centre_hashes: Bytes
    contrast: Bytes
    picture_present: Bools
    picture_times_s: npt.NDArray[np.float64]
    levels: Bytes
    sound_present: Bools

    def __post_init__(self) -> None:
        """Freeze and check the arrays."""
        rows = len(self.frame_hashes)
        for name, dtype, shape in (
            ("frame_hashes", np.uint8, (rows, 18)),
            ("centre_hashes", np.uint8, (rows, 18)),
            ("contrast", np.uint8, (rows,)),
            ("picture_present", np.bool_, (rows,)),
            ("picture_times_s", np.float64, (rows,)),
            ("levels", np.uint8, (rows, LEVEL_BANDS)),
            ("sound_present", np.bool_, (rows,)),
        ):
            object.__setattr__(self, name, freeze_array(getattr(self, name), dtype, shape, name))


@dataclass(frozen=True, kw_only=True)
class FingerprintedCut:
    """A cut with what it is known again by."""

    cut: Cut
    fingerprint: Fingerprint


@dataclass(frozen=True, kw_only=True)
class Change:
    """What an edit did in one place, and where that is in both cuts.

    Attributes:
        kind: one of `CHANGES`.
        a_start_s: where it begins in the first cut, seconds.
        a_end_s: where it ends there, exclusive; for what was added, the same: the place where it is missing.
        b_start_s: where it begins in the second cut, seconds.
        b_end_s: where it ends there; for what was removed, the same.
    """

    kind: str
    a_start_s: float
    a_end_s: float
    b_start_s: float
    b_end_s: float

    def __post_init__(self) -> None:
        """Check what later stages rely on."""
        if self.kind not in CHANGES:
            raise ValueError(f"unknown kind of change {self.kind!r}")
        if not (self.a_start_s <= self.a_end_s and self.b_start_s <= self.b_end_s):
            raise ValueError(f"a change ends before it begins: {self}")


@dataclass(frozen=True, kw_only=True)
class Match:
    """A stretch of one cut that is in the other too, in picture, in sound or in both.

    Attributes:
        a_start_s: where it begins in the first cut, seconds.
        a_end_s: where it ends there, exclusive.
        b_start_s: where it begins in the second cut, seconds.
        b_end_s: where it ends there, exclusive.
        kind: "kept", "moved" or "retimed".
    """

    a_start_s: float
    a_end_s: float
    b_start_s: float
    b_end_s: float
    kind: str


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Two cuts laid over each other.

    Attributes:
        a_id: the first cut.
        b_id: the second cut.
        speed: how much faster the second plays as a whole, as 25 frames a second do what was shot at 24; 1 otherwise.
        matches: what both have, in order of the first cut; no instant of either is in two of them.
        changes: what differs, in order of the first cut.
    """

    a_id: str
    b_id: str
    speed: Fraction
    matches: tuple[Match, ...]
    changes: tuple[Change, ...]


@dataclass(frozen=True, kw_only=True)
class Passage:
    """A stretch of a curve that does one thing.

    Attributes:
        kind: one of `PASSAGES`.
        start_s: where it begins, seconds of the cut; of a peak, its second.
        end_s: where it ends, exclusive.
        level: the curve's mean in what is flat, its height at a peak, by how much it rises or falls otherwise.
    """

    kind: str
    start_s: float
    end_s: float
    level: float

    @property
    def length_s(self) -> float:
        """How long it lasts, seconds."""
        return self.end_s - self.start_s


@dataclass(frozen=True, kw_only=True)
class AlignedCurves:
    """The curves of two cuts on one clock, M seconds: that of the first cut, with what was added where it was added.

    Attributes:
        names: the curves, C of them.
        a_s: (M,) float64, the second of the first cut; NaN in what was added.
        b_s: (M,) float64, the second of the second cut; NaN in what was removed.
        a: (M, C) float32, the first cut's curves; NaN where it has nothing.
        b: (M, C) float32, the second cut's.
        kinds: for each second "kept", "removed", "added", "moved" or "retimed".
    """

    names: tuple[str, ...]
    a_s: npt.NDArray[np.float64]
    b_s: npt.NDArray[np.float64]
    a: Floats
    b: Floats
    kinds: tuple[str, ...]

    def __post_init__(self) -> None:
        """Freeze and check the arrays."""
        seconds = len(self.kinds)
        for name in ("a_s", "b_s"):
            object.__setattr__(self, name, freeze_array(getattr(self, name), np.float64, (seconds,), name))
        for name in ("a", "b"):
            shape = (seconds, len(self.names))
            object.__setattr__(self, name, freeze_array(getattr(self, name), np.float32, shape, name))


@dataclass(frozen=True, kw_only=True)
class Levels:
    """What a stretch is like in both cuts; NaN where a cut has none of it.

    Attributes:
        a: for each curve the first cut's mean.
        b: the second cut's.
        a_pace: shots a minute of the first cut.
        b_pace: of the second.
    """

    a: Mapping[str, float]
    b: Mapping[str, float]
    a_pace: float
    b_pace: float


@dataclass(frozen=True, kw_only=True)
class Effect:
    """What one change did.

    Attributes:
        change: the change.
        before: the seconds before it, in both cuts.
        inside: the stretch itself.
        after: the seconds behind it.
        differences: for each curve the mean of the second cut around and inside the change, less the first's.
        bands: for each curve how wide its band is there: a smaller difference says nothing.
        pace_difference: shots a minute, likewise.
        sentence: what a person should know of it.
    """

    change: Change
    before: Levels
    inside: Levels
    after: Levels
    differences: Mapping[str, float]
    bands: Mapping[str, float]
    pace_difference: float
    sentence: str

    def is_within_band(self, curve: str) -> bool:
        """Whether what it did to a curve is smaller than the curve's band."""
        return not abs(self.differences[curve]) > self.bands[curve]


@dataclass(frozen=True, kw_only=True)
class Consequence:
    """What an edit did to a film.

    Attributes:
        comparison: what changed.
        effects: for each change what it did.
        aligned: both cuts' curves on one clock.
        gone: passages of the first cut's tension that the second no longer has.
        new: passages of the second cut's tension that the first does not have.
        shortened: build-ups of the first cut, each with what is left of it in the second.
        sentences: the whole in a few sentences.
    """

    comparison: Comparison
    effects: tuple[Effect, ...]
    aligned: AlignedCurves
    gone: tuple[Passage, ...]
    new: tuple[Passage, ...]
    shortened: tuple[tuple[Passage, Passage], ...]
    sentences: tuple[str, ...]
