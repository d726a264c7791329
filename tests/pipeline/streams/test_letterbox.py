"""Tests of the letterbox and of the pictures' measuring size."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from pipeline.streams.letterbox import detect_letterbox
from tests.films import SHOT_COLOURS, letterbox, paint_shots, write_film
from tests.reading import read_seconds

SIZE = (320, 180)


def varied(count: int = 6) -> np.ndarray:
    return paint_shots(count, rate=Fraction(1), size=SIZE)[..., 1]


def cover(pictures: np.ndarray, *, top: int = 0, left: int = 0) -> np.ndarray:
    return letterbox(pictures[..., None], top=top, left=left)[..., 0]


def test_a_letterbox_is_found() -> None:
    crop = detect_letterbox(cover(varied(), top=22))
    assert crop is not None
    assert (crop.left, crop.top, crop.width, crop.height, crop.stored) == (0, 22, 320, 136, SIZE)


def test_a_pillarbox_is_found() -> None:
    crop = detect_letterbox(cover(varied(), left=40))
    assert crop is not None
    assert (crop.left, crop.top, crop.width, crop.height) == (40, 0, 240, 180)


def test_bars_all_around_are_found() -> None:
    crop = detect_letterbox(cover(varied(), left=40, top=22))
    assert crop is not None
    assert (crop.left, crop.top, crop.width, crop.height) == (40, 22, 240, 136)


def test_a_picture_without_bars_stays_whole() -> None:
    assert detect_letterbox(varied()) is None


def test_one_picture_that_reaches_into_the_bars_saves_them() -> None:
    pictures = cover(varied(), top=22)
    pictures[3, :, :] = 120
    assert detect_letterbox(pictures) is None


def test_a_bar_on_one_side_alone_is_part_of_the_picture() -> None:
    pictures = varied()
    pictures[:, :22] = 0
    assert detect_letterbox(pictures) is None


def test_dark_edges_that_fade_are_part_of_the_picture() -> None:
    rows = np.abs(np.linspace(-1, 1, SIZE[1]))
    pictures = (varied() * np.clip(1.2 - rows, 0, 1)[None, :, None] ** 4 * 0.6).astype(np.uint8)
    assert pictures[:, :10].max() <= 8
    assert detect_letterbox(pictures) is None


def test_a_title_on_black_is_not_cropped_to_its_letters() -> None:
    pictures = np.zeros((6, 180, 320), np.uint8)
    pictures[:, 80:100, 60:260] = 220
    assert detect_letterbox(pictures) is None


def test_black_pictures_and_too_few_pictures_say_nothing() -> None:
    assert detect_letterbox(np.zeros((20, 180, 320), np.uint8)) is None
    assert detect_letterbox(cover(varied(2), top=22)) is None
    assert detect_letterbox([]) is None


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_the_letterbox_is_gone_from_the_pictures_of_a_film(tmp_path: Path, suffix: str) -> None:
    pictures = letterbox(paint_shots(6, size=SIZE), top=22)
    path = write_film(tmp_path / f"film{suffix}", pictures=pictures)
    for second in read_seconds(path):
        assert second.pictures is not None
        assert second.pictures[12].max(axis=2)[[0, -1]].min() > 40


def test_colours_come_through_as_they_were_painted(tmp_path: Path) -> None:
    pictures = np.empty((75, 96, 160, 3), np.uint8)
    for index in range(75):
        pictures[index] = SHOT_COLOURS[index // 25]
    path = write_film(tmp_path / "film.mp4", pictures=pictures)
    for second in read_seconds(path):
        assert second.pictures is not None
        colour = second.pictures[12].reshape(-1, 3).mean(axis=0)
        np.testing.assert_allclose(colour, SHOT_COLOURS[second.index], atol=3)
