"""Training, evaluation, checkpoint and baselines on a small film that can be learned."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from models.band import COVERAGE, band_half_width, fit_film_band, measure_coverage
from models.baselines import BASELINES, predict_by_ridge
from models.checkpoint import load_curve_model, save_curve_model
from models.curve_net import build_curve_net
from models.evaluate_curves import (
    Evaluation,
    Row,
    Task,
    compare_rows,
    format_table,
    run_task,
    score_predictions,
    summarise_row,
)
from models.examples import GAP_S, sample_crops
from models.linear_net import build_linear_net
from models.ridge import fit_ridge, moving_mean, predict_ridge
from models.scores import concordance, pearson_r
from models.spec import ColumnReading, CurveTraining
from models.train_curves import predict_span, train_curve_net
from tests.models.curve_examples import BAND, CURVES, make_examples, make_spec

TRAINING = CurveTraining(steps=40, crop_s=80, batch=4, context_s=(3,), encoder_units=4, recurrent_units=4, dropout=0.1)


def test_training_lowers_the_loss_and_the_held_out_block_is_predicted() -> None:
    film = make_examples()
    losses: list[float] = []
    network = train_curve_net(
        film, film.spans_without(3), TRAINING, seed=0, report=lambda step, loss: losses.append(loss)
    )
    assert np.mean(losses[-5:]) < 0.6 * np.mean(losses[:5])
    predicted = predict_span(network, film, *film.blocks[3])
    assert pearson_r(film.ratings[300:400, 0], predicted[:, 0]) > 0.5


def test_the_same_seed_trains_the_same_network() -> None:
    film = make_examples()
    short = replace(TRAINING, steps=4)
    first, second = (train_curve_net(film, film.spans_without(0), short, seed=2).get_weights() for _ in range(2))
    for a, b in zip(first, second, strict=True):
        np.testing.assert_array_equal(a, b)


def test_the_table_s_task_is_the_training_run_on_the_other_blocks() -> None:
    film = make_examples()
    short = replace(TRAINING, steps=4)
    task = Task(recipe="LSTM", examples=film, training=short, block=1, seed=0)
    expected = predict_span(train_curve_net(film, film.spans_without(1), short, seed=0), film, *film.blocks[1])
    np.testing.assert_array_equal(run_task(task), expected)


def test_a_held_out_block_and_the_gap_around_it_are_never_trained_on() -> None:
    film = make_examples()
    spans = film.spans_without(1)
    assert spans == [(0, 100 - GAP_S), (200 + GAP_S, 300), (300, 400)]
    film.ratings[100 - GAP_S : 200 + GAP_S] = np.nan
    for _, (inputs, ratings, weight) in zip(
        range(20), sample_crops(film, spans, crop_s=80, batch=4, seed=0), strict=False
    ):
        assert np.isfinite(ratings).all()
        assert all(np.isfinite(array).all() for array in inputs.values())
        seen = inputs["present"][..., 0] > 0
        np.testing.assert_array_equal(weight > 0, seen)


def test_unrated_blocks_are_neither_trained_on_nor_held_out() -> None:
    film = make_examples()
    film.ratings[100:200] = np.nan
    assert film.rated_blocks == (0, 2, 3)
    assert film.spans_without(None) == [(0, 100), (200, 300), (300, 400)]


@pytest.mark.parametrize("name", BASELINES)
def test_every_baseline_gives_a_finite_curve_for_the_held_out_block(name: str) -> None:
    film = make_examples()
    predicted = BASELINES[name](film, film.spans_without(2), film.blocks[2])
    assert predicted.shape == (100, len(CURVES))
    assert np.isfinite(predicted).all()


def test_ridge_finds_what_is_linear() -> None:
    film = make_examples()
    predicted = predict_by_ridge(film, film.spans_without(2), film.blocks[2])
    assert pearson_r(film.ratings[200:300, 0], predicted[:, 0]) > 0.5


def test_r_and_concordance_agree_with_their_definitions() -> None:
    a = np.array([1.0, 2, 3, 4])
    assert pearson_r(a, 2 * a + 1) == pytest.approx(1)
    assert pearson_r(a, np.ones(4)) == 0
    assert concordance(a, a) == pytest.approx(1)
    assert concordance(a, a + 1) == pytest.approx(2 * 1.25 / (2.5 + 1))


def test_moving_means_are_cut_off_at_the_ends() -> None:
    rows = np.arange(5, dtype=np.float32)[:, None]
    np.testing.assert_allclose(moving_mean(rows, 3)[:, 0], [0.5, 1, 2, 3, 3.5])


def test_the_band_holds_the_share_of_held_out_ratings_that_it_was_asked_to() -> None:
    film = make_examples()
    random = np.random.default_rng(5)
    held_out = film.ratings + random.normal(0, 0.2, (3, *film.ratings.shape)).astype(np.float32)
    band = fit_film_band(held_out, film, film.rated_blocks)
    half = band_half_width(held_out.mean(axis=0), held_out.std(axis=0), band)
    inside = np.abs(np.clip(held_out.mean(axis=0), band.lowest, 1) - film.ratings) <= half + 1e-6
    np.testing.assert_allclose(inside.mean(axis=0), COVERAGE, atol=0.01)


def test_the_band_is_wider_where_the_curve_is_high_and_where_members_are_apart_if_errors_were() -> None:
    film = make_examples()
    random = np.random.default_rng(6)
    film.ratings[:] = random.uniform(0, 1, film.ratings.shape)
    apart = random.uniform(0, 0.1, film.ratings.shape)
    error = (0.05 + 0.2 * film.ratings + apart) * random.choice([-1, 1], film.ratings.shape)
    held_out = np.float32(film.ratings + error + apart * np.array([-1, 1])[:, None, None])
    band = fit_film_band(held_out, film, film.rated_blocks)
    low, high = (band_half_width(np.float32([v, v]), np.float32([s, s]), band) for v, s in ((0.2, 0.01), (0.8, 0.01)))
    assert (high > low + 0.03).all()
    assert (band_half_width(np.float32([0.2, 0.2]), np.float32([0.1, 0.1]), band) > low + 0.03).all()


def test_coverage_is_measured_on_blocks_that_took_no_part_in_the_band() -> None:
    """Where one block is missed by far more than the others, a band fitted on them cannot hold it."""
    film = make_examples()
    random = np.random.default_rng(7)
    held_out = film.ratings + random.normal(0, 0.05, (2, *film.ratings.shape)).astype(np.float32)
    start, end = film.blocks[2]
    held_out[:, start:end] = np.clip(1 - film.ratings[start:end], 0, 1) + 3
    shares = measure_coverage(held_out, film, film.rated_blocks)
    assert shares.shape == (4, len(CURVES))
    assert shares[2].max() < 0.4
    assert shares[[0, 1, 3]].min() > 0.7


def test_an_advantage_is_as_sure_as_it_is_the_same_on_every_block() -> None:
    behind = Row(name="b", r=np.zeros((1, 6, 1)), ccc=np.zeros((1, 6, 1)))
    steady = Row(name="a", r=np.full((1, 6, 1), 0.1), ccc=behind.ccc)
    shaky = Row(name="c", r=np.array([0.9, -0.1, -0.1, -0.1, 0.1, -0.1]).reshape(1, 6, 1), ccc=behind.ccc)
    mean, low, high = compare_rows(steady, behind)
    np.testing.assert_allclose([mean, low, high], 0.1)
    mean, low, high = compare_rows(shaky, behind)
    assert low[0] < 0 < mean[0] < high[0]


def test_the_table_and_its_json_hold_what_was_scored() -> None:
    film = make_examples()
    perfect = score_predictions("perfect", film.ratings[None], film, [0, 2])
    evaluation = Evaluation(blocks=(0, 2), curves=CURVES, rows=(perfect,), held_out=film.ratings[None])
    assert "| perfect | 1.00 ± 0.00 |" in format_table(evaluation)
    summary = summarise_row(perfect, evaluation)
    assert summary["segments"]["2"]["tension"] == {"r": 1.0, "ccc": 1.0}
    assert set(summary["mean"]) == set(CURVES)


def make_linear() -> keras.Model:
    film = make_examples()
    return build_linear_net(TRAINING.net_settings(film.columns, CURVES), fit_ridge(film, film.spans_without(None)))


READINGS = (
    None,
    ColumnReading(unread=("onsets",), context_s=(3, 9), spoken=("harm",), spoken_s=(5, 21)),
)


@pytest.mark.parametrize("reading", READINGS)
def test_the_regression_says_the_same_as_a_network_and_in_closed_form(reading: ColumnReading | None) -> None:
    film = make_examples()
    film.present[220:240, 2] = 0
    fit = fit_ridge(film, film.spans_without(2), reading)
    network = build_linear_net(TRAINING.net_settings(film.columns, CURVES), fit)
    outputs = network.predict(film.slice_inputs(200, 300), verbose=0)
    expected = predict_ridge(fit, film, (200, 300))
    np.testing.assert_allclose(outputs["values"][0], expected, atol=1e-4)
    np.testing.assert_allclose(outputs["shares"].sum(axis=-1), 1, atol=1e-5)


def test_an_absent_stream_contributes_nothing_to_the_regression() -> None:
    film = make_examples()
    inputs = film.slice_inputs(0, 50)
    inputs["present"] = inputs["present"] * np.float32([1, 0, 1])
    outputs = make_linear().predict(inputs, verbose=0)
    assert (outputs["shares"][..., 1] == 0).all()
    assert np.isfinite(outputs["values"]).all()


def test_a_checkpoint_carries_members_specification_and_band(tmp_path: Path) -> None:
    film = make_examples()
    short = replace(TRAINING, steps=4)
    members = [train_curve_net(film, film.spans_without(None), short, seed=seed) for seed in (0, 1)]
    linear = make_linear()
    save_curve_model(members, linear, make_spec(make_examples()), tmp_path / "curves.keras")
    model = load_curve_model(tmp_path / "curves.keras")
    inputs = film.slice_inputs(0, 50)
    outputs = model.predict(inputs)
    regression = linear.predict(inputs, verbose=0)["values"]
    separate = np.stack([(member.predict(inputs, verbose=0)["values"] + regression) / 2 for member in members])
    np.testing.assert_allclose(outputs["values"], separate.mean(axis=0), atol=1e-5)
    expected = band_half_width(separate.mean(axis=0), separate.std(axis=0), BAND)
    np.testing.assert_allclose(outputs["half_width"], expected, atol=1e-4)
    assert model.columns == film.columns
    assert model.curves == CURVES
    assert model.model_id.startswith("curve_net-")
    assert model.domain["audio"][2] == 1.5


def test_a_checkpoint_loads_in_a_fresh_process(tmp_path: Path) -> None:
    network = build_curve_net(TRAINING.net_settings(make_examples().columns, CURVES), seed=0)
    save_curve_model([network], make_linear(), make_spec(make_examples()), tmp_path / "curves.keras")
    code = (
        "from pathlib import Path; from models.checkpoint import load_curve_model; "
        f"load_curve_model(Path({str(tmp_path / 'curves.keras')!r}))"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def test_what_is_no_curve_model_is_refused_in_plain_words(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not a curve model"):
        load_curve_model(tmp_path / "missing.keras")
    (tmp_path / "text.keras").write_text("no weights")
    with pytest.raises(ValueError, match="not a curve model"):
        load_curve_model(tmp_path / "text.keras")
    other = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    other.save(tmp_path / "other.keras")
    with pytest.raises(ValueError, match="not a curve model"):
        load_curve_model(tmp_path / "other.keras")


def test_a_training_setting_that_does_not_exist_is_named() -> None:
    with pytest.raises(ValueError, match="lerning_rate"):
        CurveTraining.from_table({"lerning_rate": 1})


def test_the_regression_moves_as_far_as_the_ratings_it_was_fitted_on_and_about_their_mean() -> None:
    film = make_examples()
    spans = film.spans_without(None)
    fit = fit_ridge(film, spans)
    predicted = np.concatenate([predict_ridge(fit, film, span) for span in spans])
    np.testing.assert_allclose(predicted.std(axis=0), film.ratings.std(axis=0), rtol=1e-3)
    np.testing.assert_allclose(predicted.mean(axis=0), film.ratings.mean(axis=0), atol=1e-3)
