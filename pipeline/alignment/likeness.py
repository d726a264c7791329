"""How alike two instants of two cuts are, in picture and in sound."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from pipeline.comparison import Fingerprint
from pipeline.types import LEVEL_BANDS, Bools, Bytes, Floats

Rows = npt.NDArray[np.int64]
"""Rows of a cut's 25 Hz grid; row i is at i/25 s."""

BLANK_BITS = 71.5
"""So far, as far as chance would have it, a blank picture is from one that shows something."""

BLANK_CONTRAST = 4
"""A picture of less contrast is black, white or flat: its hash is chance."""

_CLEAR_CONTRAST = 12.0

QUIET_LEVEL = 60
"""Sound none of whose bands reaches this, -70 dB of full scale, is taken for silence."""

LOUD_LEVEL = 100
"""Sound with a band above this, -50 dB, is not silence in any other mix."""

_RANGE_LEVEL = 90
"""What lies further below a row's loudest band, 45 dB, is left to the codec and does not count."""

_FARTHEST_DB = 15.0

_BAND_OCTAVES = np.log2(6_400 / 150) / LEVEL_BANDS


_PICKED = ("words", "centres", "is_shown", "is_blank", "trust", "is_quiet", "is_loud")


@dataclass(frozen=True, kw_only=True)
class Track:
    """A fingerprint made ready to be compared, N rows.

    Attributes:
        words: (N, 3) uint64, the hash.
        centres: (N, 3) uint64, the hash of the middle.
        is_shown: (N,) bool, rows that show a picture.
        is_blank: (N,) bool, rows whose picture shows nothing.
        trust: (N,) float32 in [0, 1], how much its hash can be relied on: less in what is nearly blank.
        times_s: (N,) float64, the presentation time of the picture.
        spectra: (N, 24) float32, dB, level in bands less the row's mean and the cut's own colour.
        is_quiet: (N,) bool, rows without sound that can be heard.
        is_loud: (N,) bool, rows whose sound nobody misses.
        has_sound: whether there is any sound at all.
        has_picture: whether there is any picture at all.
    """

    words: npt.NDArray[np.uint64]
    centres: npt.NDArray[np.uint64]
    is_shown: Bools
    is_blank: Bools
    trust: Floats
    times_s: npt.NDArray[np.float64]
    spectra: Floats
    is_quiet: Bools
    is_loud: Bools
    has_sound: bool
    has_picture: bool

    @property
    def rows(self) -> int:
        """N."""
        return len(self.is_shown)


def prepare_track(fingerprint: Fingerprint) -> Track:
    """Make a fingerprint ready to be compared."""
    is_quiet = ~fingerprint.sound_present | (fingerprint.levels.max(axis=1, initial=0) < QUIET_LEVEL)
    return Track(
        words=_pack_words(fingerprint.frame_hashes),
        centres=_pack_words(fingerprint.centre_hashes),
        is_shown=fingerprint.picture_present,
        is_blank=~fingerprint.picture_present | (fingerprint.contrast < BLANK_CONTRAST),
        trust=np.clip((fingerprint.contrast.astype(np.float32) - BLANK_CONTRAST) / _CLEAR_CONTRAST, 0, 1),
        times_s=fingerprint.picture_times_s,
        spectra=_whiten(fingerprint.levels, is_quiet),
        is_quiet=is_quiet,
        is_loud=fingerprint.levels.max(axis=1, initial=0) > LOUD_LEVEL,
        has_sound=not is_quiet.all(),
        has_picture=bool(fingerprint.picture_present.any()),
    )


def stretch_track(track: Track, speed: float, *, is_pitched: bool) -> Track:
    """Play a cut at another speed: row i of the result is row i x speed.

    Args:
        track: the cut.
        speed: as above, near 1.
        is_pitched: whether its sound rises or falls with it, as that of a tape does.
    """
    places = np.minimum(np.arange(int(track.rows / speed)) * speed, track.rows - 1)
    source = places.astype(np.int64)
    picked = {name: getattr(track, name)[source] for name in _PICKED}
    part = (places - source)[:, None]
    spectra = (1 - part) * track.spectra[source] + part * track.spectra[np.minimum(source + 1, track.rows - 1)]
    if is_pitched:
        bands = np.log2(1 / speed) / _BAND_OCTAVES
        whole, share = int(np.floor(bands)), float(bands - np.floor(bands))
        padded = np.pad(spectra, ((0, 0), (2, 2)), mode="edge")
        first = 2 + whole
        spectra = (1 - share) * padded[:, first : first + LEVEL_BANDS]
        spectra += share * padded[:, first + 1 : first + 1 + LEVEL_BANDS]
    return replace(track, **picked, times_s=track.times_s[source] / speed, spectra=spectra.astype(np.float32))


def measure_picture(a: Track, b: Track, rows_a: Rows, rows_b: Rows) -> Floats:
    """Measure how many bits of the hashes differ, in the whole or the middle, whichever is less; NaN where both are blank.

    Where one picture is blank and the other clearly is not, they differ as much as chance would have it.

    Args:
        a: the first cut.
        b: the second cut.
        rows_a: rows of the first, of any shape.
        rows_b: rows of the second, of that shape.

    Returns:
        float32 of that shape, 0..144.
    """
    whole, centre = np.zeros(rows_a.shape, np.uint8), np.zeros(rows_a.shape, np.uint8)
    for word in range(a.words.shape[1]):
        whole += np.bitwise_count(a.words[rows_a, word] ^ b.words[rows_b, word])
        centre += np.bitwise_count(a.centres[rows_a, word] ^ b.centres[rows_b, word])
    differing = np.minimum(whole, centre).astype(np.float32)
    blank_a, blank_b = a.is_blank[rows_a], b.is_blank[rows_b]
    differing[(blank_a & (b.trust[rows_b] == 1)) | (blank_b & (a.trust[rows_a] == 1))] = BLANK_BITS
    differing[(blank_a ^ blank_b) & (differing != BLANK_BITS)] = np.nan
    differing[blank_a & blank_b] = np.nan
    return differing


def measure_sound(a: Track, b: Track, rows_a: Rows, rows_b: Rows) -> Floats:
    """Measure how far the spectra lie apart: mean over the bands, dB; NaN where both are silent or one has no sound at all.

    Args and the shape of what it returns: as in `measure_picture`.
    """
    if not (a.has_sound and b.has_sound):
        return np.full(rows_a.shape, np.nan, np.float32)
    apart: Floats = np.abs(a.spectra[rows_a] - b.spectra[rows_b]).mean(axis=-1)
    np.minimum(apart, _FARTHEST_DB, out=apart)
    quiet_a, quiet_b = a.is_quiet[rows_a], b.is_quiet[rows_b]
    apart[quiet_a | quiet_b] = np.nan
    apart[(quiet_a & b.is_loud[rows_b]) | (quiet_b & a.is_loud[rows_a])] = _FARTHEST_DB
    return apart


def measure_sound_between(a: Track, b: Track, rows_a: Rows, places_b: npt.NDArray[np.float64]) -> Floats:
    """Measure as `measure_sound` does, but in between the rows of the second cut: (N,) each."""
    low = np.clip(np.floor(places_b).astype(np.int64), 0, b.rows - 2)
    part = np.clip(places_b - low, 0, 1)[:, None].astype(np.float32)
    between = (1 - part) * b.spectra[low] + part * b.spectra[low + 1]
    apart: Floats = np.minimum(np.abs(a.spectra[rows_a] - between).mean(axis=-1), _FARTHEST_DB)
    apart[a.is_quiet[rows_a] | b.is_quiet[low] | b.is_quiet[low + 1]] = np.nan
    return apart


def _pack_words(hashes: Bytes) -> npt.NDArray[np.uint64]:
    """Return hashes of 18 bytes as three words, which are compared faster: (N, 3)."""
    padded = np.zeros((len(hashes), 24), np.uint8)
    padded[:, : hashes.shape[1]] = hashes
    return padded.view(np.uint64)


def _whiten(levels: Bytes, is_quiet: Bools) -> Floats:
    """Return levels in dB without what loudness and the colour of the whole mix add to them: (N, 24) float32."""
    heard: Floats = (
        np.maximum(levels, levels.max(axis=1, keepdims=True).astype(np.int16) - _RANGE_LEVEL).astype(np.float32) / 2
    )
    heard -= heard.mean(axis=1, keepdims=True)
    if not is_quiet.all():
        heard -= heard[~is_quiet].mean(axis=0, dtype=np.float64).astype(np.float32)
    assert heard.shape[1] == LEVEL_BANDS  # noqa: S101
    return heard


def smooth_sound(track: Track, rows: int) -> Track:
    """Average the spectra over so many rows around each: what lies a little apart in time is more alike then."""
    padded = np.pad(track.spectra, ((rows // 2 + 1, rows // 2), (0, 0)), mode="edge")
    sums = np.cumsum(padded, axis=0, dtype=np.float64)
    return replace(track, spectra=((sums[rows:] - sums[:-rows]) / rows).astype(np.float32))
