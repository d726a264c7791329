"""Tests of made films: every boundary stands where it is said to stand."""

import numpy as np
import pytest

from pipeline.dataset.shots import PIECE_ROWS, cut_pieces
from pipeline.dataset.transitions import MixOptions, compose_film
from tests.films import paint_scenes, paint_shots


def make(kind, *, rate="25", flash=0.0, seed=0):
    pieces = list(np.split(paint_shots(10, shot_s=2, size=(64, 48)), 5))
    mix = MixOptions(kinds=((kind, 1.0),), flash=flash, disturbance=0, rates=(rate,), shot_rows=(30, 45))
    return compose_film(pieces, np.random.default_rng(seed), shots=6, options=mix)


@pytest.mark.parametrize("rate", ["25", "24", "30", "twos"])
def test_a_cut_stands_between_two_pictures_that_differ(rate):
    film = make("cut", rate=rate)
    step = np.abs(np.diff(film.pixels.astype(int), axis=0)).mean(axis=(1, 2, 3))
    assert len(film.transitions) == 5
    for each in film.transitions:
        around = step[max(0, each.row - 5) : each.row + 4]
        assert each.kind == "cut"
        # The same piece may follow itself; then nothing but its grading changes.
        assert step[each.row - 1] == around.max()


def test_gradual_boundaries_change_within_their_span_and_fades_reach_black_or_white():
    for each in make("dissolve").transitions:
        assert each.start < each.row < each.stop
    film = make("fade")
    level = film.pixels.mean(axis=(1, 2, 3))
    for each in film.transitions:
        span = level[each.start : each.stop]
        assert span.min() < 40 or span.max() > 215
        assert each.start <= each.row <= each.stop


def test_flashes_are_bright_and_far_from_boundaries():
    film = make("cut", flash=1.0, seed=4)
    level = film.pixels.mean(axis=(1, 2, 3))
    cuts = np.array([each.row for each in film.transitions if each.kind == "cut"])
    flashes = [each for each in film.transitions if each.kind == "flash"]
    assert flashes
    for each in flashes:
        assert level[each.start] > level[each.start - 1]
        assert np.abs(cuts - each.row).min() >= 6


def test_the_same_seed_makes_the_same_film():
    np.testing.assert_array_equal(make("fade", seed=5).pixels, make("fade", seed=5).pixels)


def test_pieces_hold_no_boundary():
    pieces = cut_pieces(np.repeat(paint_scenes([1] * 5), 50, axis=0))
    assert len(pieces) == 5
    for piece in pieces:
        assert len(piece) >= PIECE_ROWS
        assert np.abs(np.diff(piece.astype(int), axis=0)).mean(axis=(1, 2, 3)).max() < 20
