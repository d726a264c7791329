"""Tests of shots with the shipped network: cuts, dissolves, fades and flashes in films that are read from their files."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from models.shot_net import load_shot_model
from pipeline.dataset.shots import measure_film
from pipeline.errors import ModelError
from pipeline.features.shot_columns import COLUMNS, MARGIN, describe_rows
from pipeline.features.shots import ShotOptions, find_shots, pick_peaks, predict_rows
from pipeline.gather import gather_evidence
from pipeline.streams.probe import probe_cut
from pipeline.streams.read import open_streams
from tests.films import paint_scenes, paint_shots, write_film


@pytest.fixture(scope="module")
def model():
    return load_shot_model()


def test_cuts_are_found_in_their_frame_and_flashes_are_none(tmp_path, model):
    pictures = paint_scenes([75, 75, 75, 75])
    for row in (30, 130, 260):
        pictures[row : row + 2] = 255 - (255 - pictures[row : row + 2]) // 4
    film = write_film(tmp_path / "film.mp4", pictures=pictures, rate=Fraction(25))
    shots = find_shots(gather_evidence(open_streams(probe_cut(film))), model=model)
    assert shots.rows.tolist() == [0, 75, 150, 225]
    assert shots.kinds == ("cut",) * 4


def test_a_fade_through_black_is_one_boundary_of_its_kind(model):
    pictures = paint_scenes([100, 100], seed=1).astype(np.float32)
    distance = np.abs(np.arange(200) - 100)
    pictures *= np.clip((distance - 6) / 20, 0, 1)[:, None, None, None]
    shots = find_shots(measure_film(pictures.astype(np.uint8)), model=model)
    assert shots.kinds == ("cut", "fade")
    assert abs(shots.rows[1] - 100) <= 26


def test_windows_of_any_length_say_nearly_the_same(model):
    evidence = measure_film(paint_scenes([60] * 12 + [30]))
    whole, kinds = predict_rows(evidence, model=model, options=ShotOptions(window_rows=10_000))
    parts, kinds_too = predict_rows(evidence, model=model, options=ShotOptions(window_rows=200, batch=2))
    assert np.abs(parts - whole).mean() < 1e-3
    assert whole.shape == (750,)
    assert kinds.shape == kinds_too.shape == (750, 4)


def test_columns_of_a_part_are_those_of_the_whole():
    evidence = measure_film(paint_shots(4))
    whole = describe_rows(evidence, 0, 100)
    assert whole.shape == (100, len(COLUMNS))
    np.testing.assert_allclose(describe_rows(evidence, 40, 60), whole[40:60], atol=1e-5)
    still = measure_film(np.full((60, 96, 160, 3), 90, np.uint8))
    changes = [i for i, name in enumerate(COLUMNS) if name != "brightness"]
    assert not describe_rows(still, MARGIN, 30)[:, changes].any()


def test_a_stretch_of_likely_rows_is_one_boundary_and_close_ones_are_thinned():
    probability = np.zeros(60, np.float32)
    probability[[10, 12, 30]] = 0.6, 0.9, 0.7
    probability[40:50] = np.linspace(0.5, 0.8, 10)
    assert pick_peaks(probability, ShotOptions()).tolist() == [12, 30, 49]


def test_no_picture_has_no_shots_and_foreign_weights_are_refused(model):
    evidence = measure_film(paint_shots(1))
    dark = replace(evidence, picture_present=np.zeros(25, np.bool_))
    assert find_shots(dark, model=model).kinds == ()

    class Foreign:
        model_id, columns, kinds = "foreign", ("one",), ("cut",)

    with pytest.raises(ModelError, match="foreign"):
        find_shots(evidence, model=Foreign())
