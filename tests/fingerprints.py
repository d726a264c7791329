"""Fingerprints of films that do not exist: pictures that move on from frame to frame, shots that jump, sound that changes."""

from fractions import Fraction
from pathlib import Path

import numpy as np

from pipeline.comparison import Fingerprint, FingerprintedCut
from pipeline.types import GRID_HZ, LEVEL_BANDS, Cut


class Material:
    """Rows of picture and sound to cut films from.

    Args:
        seconds: how much of it.
        seed: of all that is random.
    """

    def __init__(self, seconds: int, seed: int = 0) -> None:
        random = np.random.default_rng(seed)
        rows = seconds * GRID_HZ
        self.bits = np.zeros((rows, 144), np.uint8)
        shot = np.cumsum(random.random(rows) < 1 / 60)
        for number in np.unique(shot):
            mine = np.flatnonzero(shot == number)
            first = random.integers(0, 2, 144)
            flips = random.random((len(mine), 144)) < 0.02
            self.bits[mine] = (first + np.cumsum(flips, axis=0)) % 2
        tone = np.cumsum(random.random(rows) < 0.2)
        spectra = 120 + np.cumsum(random.normal(0, 10, (tone[-1] + 1, LEVEL_BANDS)), axis=1)
        self.levels = np.clip(spectra[tone] + random.normal(0, 3, (rows, LEVEL_BANDS)), 70, 200)
        self.contrast = np.full(rows, 60)


def make_cut(
    material: Material, pictures: np.ndarray, sounds: np.ndarray | None = None, *, seed: int | None = None
) -> FingerprintedCut:
    """Cut a film from material.

    Args:
        material: what it is cut from.
        pictures: (N,) for each row the row of the material that it shows.
        sounds: the same of what is heard; as the pictures if None.
        seed: if given, one bit in twenty is flipped, and the sound is louder and a little off.
    """
    sounds = pictures if sounds is None else sounds
    bits, levels = material.bits[pictures].copy(), material.levels[sounds].copy()
    if seed is not None:
        random = np.random.default_rng(seed)
        bits ^= random.random(bits.shape) < 0.05
        levels += 8 + random.normal(0, 1, levels.shape)
    rows = len(pictures) - len(pictures) % GRID_HZ
    hashes = np.packbits(bits[:rows], axis=1)
    fingerprint = Fingerprint(
        frame_hashes=hashes,
        centre_hashes=hashes,
        contrast=material.contrast[pictures][:rows],
        picture_present=np.ones(rows, np.bool_),
        picture_times_s=np.arange(rows) / GRID_HZ,
        levels=np.clip(levels[:rows], 0, 255).astype(np.uint8),
        sound_present=np.ones(rows, np.bool_),
    )
    cut = Cut(
        cut_id=f"{hash(hashes.tobytes()) & (2**64 - 1):016x}",
        path=Path("film.mp4"),
        title="A film",
        duration_s=Fraction(rows, GRID_HZ),
        frame_rate=Fraction(GRID_HZ),
        start_timecode=None,
        width=640,
        height=360,
        streams=("frames", "audio"),
    )
    return FingerprintedCut(cut=cut, fingerprint=fingerprint)
