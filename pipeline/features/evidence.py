"""The measurements that studyforrest publishes, made from any film, 25 times a second.

The picture is measured chunk by chunk, the sound in one piece, and `join_evidence` puts them together: the result is the
same however many chunks there were, and wherever each was measured.

Source: Hanke et al. (2016), the confound measures of the studyforrest data set; Zauner (2010) for the DCT perceptual
hash, as ImageHash's `phash(hash_size=12, highfreq_factor=4)` computes it.
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from pipeline.arrays import freeze_array
from pipeline.comparison import Fingerprint
from pipeline.features.details import PICTURE_DETAILS, RISE, SOUND_DETAILS, measure_rises
from pipeline.types import GRID_HZ, LEVEL_BANDS, Bools, Bytes, Floats

VERSION = "6"
"""Raised whenever a measurement changes."""

HASH_BITS = 144

SOUND, KEY_FRAMES, CHUNK = "sound", "key_frames", "frames-"
"""Under these names two parts are kept, and the chunks under the third followed by their edges."""


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What is measured of a cut at 25 Hz; row i is at i/25 s, N = 25 T rows. Rows of an absent stream are 0.

    Attributes:
        quadrants: (N, 4) float32 in 0..255, whole numbers: perceived luminance of the upper left, upper right, lower
            left and lower right quadrant.
        phash: (N, 18) uint8, the 144 bits of the perceptual hash, row by row, most significant bit first, so that
            `phash[i].tobytes().hex()` is the data set's string.
        norm_diff: (N,) float32 in [0, 1], the share of hash bits that differ from the row before; 0 in the first row
            and where either row has no picture.
        rms: (N,) float32 >= 0, the sum over the two channels of the RMS of 40 ms, full scale 1.
        lrdiff: (N,) float32, the left channel's RMS minus the right's: positive when the left is louder.
        picture_present: (N,) bool.
        sound_present: (N,) bool.
        picture_times_s: (N,) float64, the presentation time of the picture on show, seconds; i/25 where there is none.
        details: by name, (T,) float32, as `pipeline.features.details` lists them; NaN where there is nothing to measure.
            Empty where only published measurements are known.
        centre: (N, 18) uint8, the hash of the middle of the picture; likewise empty.
        contrast: (N,) uint8, the standard deviation of the green in that middle, 0..127; likewise empty.
        levels: (N, 24) uint8, the level of each band of the sound, as in `Fingerprint`; likewise empty.
    """

    quadrants: Floats
    phash: Bytes
    norm_diff: Floats
    rms: Floats
    lrdiff: Floats
    picture_present: Bools
    sound_present: Bools
    picture_times_s: npt.NDArray[np.float64]
    details: Mapping[str, Floats] = field(default_factory=dict)
    centre: Bytes = field(default_factory=lambda: np.zeros((0, HASH_BITS // 8), np.uint8))
    contrast: Bytes = field(default_factory=lambda: np.zeros(0, np.uint8))
    levels: Bytes = field(default_factory=lambda: np.zeros((0, LEVEL_BANDS), np.uint8))

    def __post_init__(self) -> None:
        """Freeze and check the arrays."""
        rows = len(self.rms)
        for name, dtype, shape in (
            ("quadrants", np.float32, (rows, 4)),
            ("phash", np.uint8, (rows, HASH_BITS // 8)),
            ("norm_diff", np.float32, (rows,)),
            ("rms", np.float32, (rows,)),
            ("lrdiff", np.float32, (rows,)),
            ("picture_present", np.bool_, (rows,)),
            ("sound_present", np.bool_, (rows,)),
            ("picture_times_s", np.float64, (rows,)),
            ("centre", np.uint8, (rows if len(self.centre) else 0, HASH_BITS // 8)),
            ("contrast", np.uint8, (rows if len(self.contrast) else 0,)),
            ("levels", np.uint8, (rows if len(self.levels) else 0, LEVEL_BANDS)),
        ):
            object.__setattr__(self, name, freeze_array(getattr(self, name), dtype, shape, name))


@dataclass(frozen=True, kw_only=True)
class PictureEvidence:
    """What is measured of one chunk of the picture, N rows of the 25 Hz grid.

    Attributes:
        first_row: the grid row of the first.
        quadrants: (N, 4) float32, as in `Evidence`.
        phash: (N, 18) uint8, likewise.
        centre: (N, 18) uint8, likewise.
        contrast: (N,) uint8, likewise.
        present: (N,) bool, rows that show a picture.
        times_s: (N,) float64, the presentation time of the picture on show, seconds.
        head: digest of the key frame with which the chunk begins; empty if it was not seen.
        tail: digest of the key frame with which the next chunk begins, as this one's decoder saw it; likewise.
        still_seconds: (S,) int64, the seconds of which there is a still, ascending.
        still_details: (S, 9) float32, what was measured of each, in the order of `PICTURE_DETAILS`.
        jpegs: (B,) uint8, the stills themselves as JPEG, one behind the other; empty once they are kept elsewhere.
        jpeg_ends: (S,) int64, where in `jpegs` each ends.
    """

    first_row: int
    quadrants: Floats
    phash: Bytes
    centre: Bytes
    contrast: Bytes
    present: Bools
    times_s: npt.NDArray[np.float64]
    head: str
    tail: str
    still_seconds: npt.NDArray[np.int64]
    still_details: Floats
    jpegs: Bytes
    jpeg_ends: npt.NDArray[np.int64]

    def drop_stills(self) -> "PictureEvidence":
        """Return the same without its JPEGs, which take a hundred times the memory of all the rest."""
        return replace(self, jpegs=np.zeros(0, np.uint8), jpeg_ends=np.zeros(0, np.int64))

    def list_stills(self) -> list[tuple[int, bytes]]:
        """Return the stills that it holds: each one's second, and its JPEG."""
        if not len(self.jpeg_ends):
            return []
        jpegs = np.split(self.jpegs, self.jpeg_ends[:-1])
        return [(int(second), jpeg.tobytes()) for second, jpeg in zip(self.still_seconds, jpegs, strict=True)]


@dataclass(frozen=True, kw_only=True)
class SoundEvidence:
    """What is measured of the sound of a cut, N = 25 T rows.

    Attributes:
        rms: (N,) float32, as in `Evidence`.
        lrdiff: (N,) float32, likewise.
        levels: (N, 24) uint8, likewise.
        present: (N,) bool, rows that have sound.
        details: (T, 5) float32, in the order of `SOUND_DETAILS`; NaN without sound.
    """

    rms: Floats
    lrdiff: Floats
    levels: Bytes
    present: Bools
    details: Floats


PartEvidence = PictureEvidence | SoundEvidence
"""What can be measured, kept and found again apart from the rest."""


def find_broken_seams(parts: Sequence[PictureEvidence]) -> list[int]:
    """Return the seams where two chunks' decoders did not see the same key frame: i for the one behind part i.

    Where they did, whatever comes behind it is decoded alike in one piece and in two. Where they did not, the key frame
    leans on pictures before it (a refresh spread over many frames), or is damaged, and both chunks are to be read as one.
    """
    pairs = enumerate(itertools.pairwise(parts))
    return [i for i, (before, behind) in pairs if not before.tail or before.tail != behind.head]


def join_evidence(parts: Sequence[PictureEvidence], sound: SoundEvidence) -> Evidence:
    """Put the chunks of the picture and the sound together.

    Args:
        parts: in order; later ones replace rows of earlier ones. Rows of no part show no picture.
        sound: the sound, 25 T rows.

    Returns:
        The measurements of the whole cut.
    """
    rows = len(sound.rms)
    quadrants, phash = np.zeros((rows, 4), np.float32), np.zeros((rows, HASH_BITS // 8), np.uint8)
    present, times_s = np.zeros(rows, np.bool_), np.arange(rows) / GRID_HZ
    centre, contrast = np.zeros_like(phash), np.zeros(rows, np.uint8)
    pictured = np.full((rows // GRID_HZ, len(PICTURE_DETAILS)), np.nan, np.float32)
    for part in parts:
        span = slice(part.first_row, part.first_row + len(part.present))
        quadrants[span], phash[span] = part.quadrants, part.phash
        centre[span], contrast[span] = part.centre, part.contrast
        present[span], times_s[span] = part.present, part.times_s
        pictured[part.still_seconds] = part.still_details
    return Evidence(
        quadrants=quadrants,
        phash=phash,
        norm_diff=compare_neighbours(phash, present),
        rms=sound.rms,
        lrdiff=sound.lrdiff,
        picture_present=present,
        sound_present=sound.present,
        picture_times_s=times_s,
        details={
            **dict(zip(PICTURE_DETAILS, pictured.T, strict=True)),
            **dict(zip(SOUND_DETAILS, sound.details.T, strict=True)),
            RISE: measure_rises(sound.rms, sound.present),
        },
        centre=centre,
        contrast=contrast,
        levels=sound.levels,
    )


def take_fingerprint(evidence: Evidence) -> Fingerprint:
    """Take from the measurements of a whole film what it is aligned with other cuts by.

    Args:
        evidence: from `join_evidence`.

    Returns:
        The fingerprint.
    """
    return Fingerprint(
        frame_hashes=evidence.phash,
        centre_hashes=evidence.centre,
        contrast=evidence.contrast,
        picture_present=evidence.picture_present,
        picture_times_s=evidence.picture_times_s,
        levels=evidence.levels,
        sound_present=evidence.sound_present,
    )


def compare_neighbours(phash: Bytes, seen: Bools) -> Floats:
    """Return the share of bits in which each hash differs from the one before: (N,) float32."""
    norm_diff = np.zeros(len(phash), np.float32)
    differing = np.bitwise_count(phash[1:] ^ phash[:-1]).sum(axis=1)
    norm_diff[1:] = np.where(seen[1:] & seen[:-1], differing / HASH_BITS, 0)
    return norm_diff
