"""How shots follow one another, on made hashes."""

import numpy as np

from pipeline.features import rhythm
from pipeline.features.rhythm import describe_rhythm
from pipeline.types import GRID_HZ, Bytes

RANDOM = np.random.default_rng(2)
SETUPS = RANDOM.integers(0, 256, (12, 18)).astype(np.uint8)
"""Twelve unrelated pictures."""


def cut_together(order: list[int], *, shot_s: int = 2) -> tuple[Bytes, np.ndarray]:
    """Hashes of shots that each show one picture, and the rows at which they begin."""
    rows = shot_s * GRID_HZ
    return np.repeat(SETUPS[order], rows, axis=0), np.arange(len(order)) * rows


def column(described: np.ndarray, name: str) -> np.ndarray:
    return described[:, rhythm.COLUMNS.index(name)]


def test_a_dialogue_cut_back_and_forth_returns_and_a_montage_does_not() -> None:
    dialogue = describe_rhythm(*cut_together([0, 1] * 6))
    montage = describe_rhythm(*cut_together(list(range(12))))
    assert column(dialogue, "returns")[10:-8].min() == 1
    assert column(montage, "returns").max() == 0
    assert column(dialogue, "recurrence")[8:].max() == 0
    assert column(montage, "recurrence").min() > 0.3


def test_the_length_of_shots_is_that_of_those_around() -> None:
    slow = describe_rhythm(*cut_together([0, 1, 2, 3, 4, 5, 6, 7, 8], shot_s=8))
    fast = describe_rhythm(*cut_together([0, 1, 2, 3, 4, 5, 6, 7, 8], shot_s=1))
    np.testing.assert_allclose(column(slow, "shot_length_around"), np.log(8), rtol=1e-6)
    np.testing.assert_allclose(column(fast, "shot_length_around"), 0, atol=1e-6)


def test_a_picture_that_moves_on_within_its_shot_drifts() -> None:
    hashes, starts = cut_together([0, 1, 2])
    hashes[GRID_HZ : 2 * GRID_HZ] = SETUPS[7]
    drift = column(describe_rhythm(hashes, starts), "shot_drift")
    assert drift[0] > 0.3
    assert drift[2:].max() == 0


def test_a_film_without_a_shot_has_no_rhythm_and_a_single_shot_has_a_plain_one() -> None:
    hashes, starts = cut_together([0])
    assert not describe_rhythm(hashes, np.zeros(0, np.intp)).any()
    described = describe_rhythm(hashes, starts)
    assert np.isfinite(described).all()
    assert column(described, "recurrence").max() == rhythm.UNALIKE
