"""Tests of the shot network: its labels, its training on a small problem, and its file."""

import numpy as np
import pytest

from models.evaluate_shots import match_boundaries, score_boundaries
from models.shot_examples import label_rows, sample_rows
from models.shot_net import load_shot_model, save_shot_model
from models.spec import ShotTraining
from models.train_shots import train_shot_net

COLUMNS = ("change", "light")


def make_film(seed, rows=400):
    """A film whose cuts jump in one column, and whose flashes jump in both."""
    random = np.random.default_rng(seed)
    columns = random.normal(0, 0.05, (rows, 2)).astype(np.float32)
    cuts, flashes = range(15, rows - 10, 40), range(35, rows - 10, 40)
    columns[list(cuts), 0] += 1
    columns[list(flashes)] += 1
    known = [("cut", row, row, row) for row in cuts] + [("flash", row, row, row + 1) for row in flashes]
    return label_rows(columns, known), list(cuts)


def test_a_small_network_learns_cuts_and_leaves_flashes(tmp_path):
    films = [make_film(seed)[0] for seed in range(4)]
    training = ShotTraining(steps=40, crop_rows=60, batch=16, learning_rate=0.02, units=8, recurrent_units=4, dropout=0)
    losses = []
    network = train_shot_net(
        films[:2], films[2:], COLUMNS, training, seed=1, report=lambda _, loss: losses.append(loss)
    )
    assert np.mean(losses[-5:]) < np.mean(losses[:5]) / 3
    film, cuts = make_film(9)
    save_shot_model([network, network], COLUMNS, tmp_path / "net.keras")
    model = load_shot_model(tmp_path / "net.keras")
    assert (model.columns, model.kinds) == (COLUMNS, ("cut", "fade", "dissolve", "flash"))
    told = model.predict(film.columns[None])
    assert np.flatnonzero(told["boundary"][0] > 0.5).tolist() == cuts
    np.testing.assert_allclose(told["kinds"].sum(axis=-1), 1, atol=1e-5)
    assert told["kinds"][0, 35].argmax() == 3
    again = network(film.columns[None])
    np.testing.assert_allclose(told["boundary"][0], np.asarray(again["boundary"])[0], atol=1e-4)


def test_a_file_that_is_no_shot_model_is_refused(tmp_path):
    (tmp_path / "a.keras").write_bytes(b"nothing")
    for path in (tmp_path / "a.keras", tmp_path / "missing.keras"):
        with pytest.raises(ValueError, match="is not a shot model"):
            load_shot_model(path)


def test_neighbours_of_a_boundary_count_for_nothing_and_the_middle_of_a_dissolve_is_one():
    film = label_rows(
        np.zeros((60, 1), np.float32), [("", 10, 10, 10), ("dissolve", 38, 30, 46), ("flash", 20, 20, 22)]
    )
    assert np.flatnonzero(film.boundary).tolist() == [10, 36, 37, 38, 39, 40]
    assert np.flatnonzero(film.boundary_weight == 0).tolist() == [9, 11, 32, 33, 34, 35, 41, 42, 43, 44]
    assert film.boundary_weight[36:41].sum() == pytest.approx(2)
    assert np.flatnonzero(film.kind_weight).tolist() == [*range(19, 24), *range(32, 45)]


def test_crops_are_drawn_from_films_by_their_weight():
    heavy, light = make_film(0)[0], label_rows(np.ones((100, 2), np.float32), [])
    batch = next(sample_rows([(heavy, 3.0), (light, 1.0)], crop_rows=50, batch=400, seed=0))
    assert batch.columns.shape == (400, 50, 2)
    assert (batch.columns == 1).all(axis=(1, 2)).mean() == pytest.approx(0.25, abs=0.07)


def test_each_boundary_is_matched_once():
    assert match_boundaries([10, 12, 50], [(9, 9), (13, 13), (30, 30)], tolerance=3).tolist() == [0, 1, -1]
    assert match_boundaries([20, 40], [(10, 30), (35, 36)], tolerance=2).tolist() == [0, -1]
    score = score_boundaries([10, 11, 50], [10, 52, 90, 91], tolerance=2)
    assert (score.hits, score.precision, score.recall) == (2, pytest.approx(2 / 3), 0.5)
    assert score_boundaries([], [], tolerance=2).f1 == 0
