"""The layers and the network: shapes, round trips, what they may and may not see."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from keras import ops

from models.context import AverageSeconds, ColumnChoice, DrawOut, SpokenMeans
from models.curve_net import (
    ColumnScaling,
    ContextMeans,
    CurveHeads,
    GatedFusion,
    StreamDropout,
    build_curve_net,
)
from models.linear_net import ContributionShares
from models.losses import concordance_loss
from models.spec import SPEECH_PRIOR, ColumnReading, CurveNetSettings
from tests.models.curve_examples import COLUMNS, CURVES, make_examples

B, T, E, C = 2, 9, 4, 3
RANDOM = np.random.default_rng(1)


def draw(*shape: int) -> np.ndarray:
    return RANDOM.normal(size=shape).astype(np.float32)


LAYERS: dict[str, tuple[Any, tuple[np.ndarray, ...], tuple[int, ...]]] = {
    "ColumnScaling": (ColumnScaling(), (draw(B, T, 5),), (B, T, 5)),
    "ContextMeans": (ContextMeans((3, 5)), (draw(B, T, 5), np.ones((B, T, 1), np.float32)), (B, T, 15)),
    "ColumnChoice": (ColumnChoice((0, 3)), (draw(B, T, 5),), (B, T, 2)),
    "SpokenMeans": (SpokenMeans((3, 5)), (draw(B, T, 5), np.ones((B, T, 1), np.float32)), (B, T, 10)),
    "AverageSeconds": (AverageSeconds(4), (draw(B, T, 5),), (B, 3, 5)),
    "DrawOut": (DrawOut(4), (draw(B, 3, 5), draw(B, T, 1)), (B, T, 5)),
    "StreamDropout": (StreamDropout(0.5, seed=3), (np.ones((B, T, 3), np.float32),), (B, T, 3)),
    "GatedFusion": (GatedFusion(C), (draw(B, T, 3, E), np.ones((B, T, 3), np.float32)), (B, T, C, E)),
    "ContributionShares": (ContributionShares(), (draw(B, T, C, 3),), (B, T, C, 3)),
    "CurveHeads": (CurveHeads([True, False, False]), (draw(B, T, 6), draw(B, T, C, E)), (B, T, C)),
}


@pytest.mark.parametrize("name", LAYERS)
def test_every_layer_keeps_its_shape_and_survives_a_round_trip_of_its_configuration(name: str) -> None:
    layer, inputs, shape = LAYERS[name]
    output = layer(*inputs)
    assert tuple(ops.shape(output[0] if isinstance(output, tuple) else output)) == shape
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer))
    assert type(again) is type(layer)
    assert again.get_config() == layer.get_config()


READING = ColumnReading(unread=("silence",), context_s=(3,), spoken=("harm",), spoken_s=(7,))


def small_settings(**changes: Any) -> CurveNetSettings:
    return CurveNetSettings(
        **{
            "columns": COLUMNS,
            "curves": CURVES,
            "reading": READING,
            "encoder_units": 4,
            "recurrent_units": 4,
            **changes,
        }
    )


def give_inputs(seconds: int = 40) -> dict[str, np.ndarray]:
    return make_examples().slice_inputs(0, seconds)


@pytest.mark.parametrize("recurrent_units", [4, 0])
def test_the_network_gives_every_curve_in_its_range_and_shares_that_sum_to_one(recurrent_units: int) -> None:
    outputs = build_curve_net(small_settings(recurrent_units=recurrent_units), seed=0)(give_inputs())
    values, shares = np.asarray(outputs["values"]), np.asarray(outputs["shares"])
    assert values.shape == (1, 40, 2)
    assert shares.shape == (1, 40, 2, 3)
    assert (values[..., 0] > 0).all()
    assert (np.abs(values) < 1).all()
    np.testing.assert_allclose(shares.sum(axis=-1), 1, rtol=1e-5)


def test_an_absent_stream_has_no_share_and_its_columns_are_never_looked_at() -> None:
    network = build_curve_net(small_settings(), seed=0)
    inputs = give_inputs()
    inputs["present"] = inputs["present"].copy()
    inputs["present"][..., 1] = 0
    before = network(inputs)
    inputs["audio"] = inputs["audio"] + 100
    after = network(inputs)
    np.testing.assert_array_equal(np.asarray(before["values"]), np.asarray(after["values"]))
    assert (np.asarray(after["shares"])[..., 1] == 0).all()


def test_with_every_stream_absent_the_shares_are_zero_and_the_values_finite() -> None:
    inputs = give_inputs()
    inputs["present"] = np.zeros_like(inputs["present"])
    outputs = build_curve_net(small_settings(), seed=0)(inputs)
    assert (np.asarray(outputs["shares"]) == 0).all()
    assert np.isfinite(np.asarray(outputs["values"])).all()


def test_the_network_is_the_same_after_saving_and_loading(tmp_path: Path) -> None:
    network = build_curve_net(small_settings(), seed=0)
    network.save(tmp_path / "net.keras")
    again = keras.saving.load_model(tmp_path / "net.keras", safe_mode=True)
    for name, array in network(give_inputs()).items():
        np.testing.assert_array_equal(np.asarray(array), np.asarray(again(give_inputs())[name]))


def test_the_same_seed_gives_the_same_network_and_another_seed_another() -> None:
    first, second, third = (build_curve_net(small_settings(), seed=seed)(give_inputs())["values"] for seed in (0, 0, 1))
    np.testing.assert_array_equal(np.asarray(first), np.asarray(second))
    assert np.abs(np.asarray(first) - np.asarray(third)).max() > 1e-3


def test_context_means_are_those_of_the_seconds_that_are_present_inside_the_sequence() -> None:
    values = np.array([1, 2, 3, 100, 5], np.float32).reshape(1, 5, 1)
    present = np.array([1, 1, 1, 0, 1], np.float32).reshape(1, 5, 1)
    context = np.asarray(ContextMeans((3,))(values, present))[0]
    np.testing.assert_allclose(context[:, 0], [1, 2, 3, 0, 5])
    np.testing.assert_allclose(context[:, 1], [1.5, 2, 2.5, 4, 5], rtol=1e-6)


def test_columns_that_are_left_unread_change_nothing() -> None:
    network = build_curve_net(small_settings(), seed=0)
    inputs = give_inputs()
    before = np.asarray(network(inputs)["values"])
    for place, changed in ((2, False), (1, True)):
        other = {**inputs, "audio": inputs["audio"].copy()}
        other["audio"][..., place] += 1
        assert (np.asarray(network(other)["values"]) != before).any() == changed


def test_a_pause_does_not_dilute_what_is_said_around_it_and_silence_is_the_usual_line() -> None:
    speech = np.array([1, 0, 0, 0, 1, 0, 0, 0, 0, 0], np.float32).reshape(1, 10, 1)
    layer = SpokenMeans((5,))
    layer(3 * speech, speech)
    layer.set_statistics(np.array([1.0]), np.array([2.0]))
    said = np.asarray(layer(3 * speech, speech))[0, :, 0]
    one, two = 1 / (1 + 5 * SPEECH_PRIOR), 2 / (2 + 5 * SPEECH_PRIOR)
    np.testing.assert_allclose(said, [one, one, two, one, one, one, one, 0, 0, 0], atol=1e-6)


@pytest.mark.parametrize("seconds", [1, 7, 8, 40])
def test_a_recurrence_in_strides_draws_every_second_of_a_film_of_any_length(seconds: int) -> None:
    network = build_curve_net(small_settings(stride_s=4), seed=0)
    values = np.asarray(network(give_inputs(seconds))["values"])
    assert values.shape == (1, seconds, 2)
    assert np.isfinite(values).all()


def test_steps_are_means_of_their_seconds_and_drawn_out_without_a_jump() -> None:
    rows = np.arange(10, dtype=np.float32).reshape(1, 10, 1)
    steps = np.asarray(AverageSeconds(4)(rows))
    np.testing.assert_allclose(steps[0, :, 0], [1.5, 5.5, 8.5])
    drawn = np.asarray(DrawOut(4)(steps, rows))[0, :, 0]
    np.testing.assert_allclose(drawn[:2], [1.5, 1.5])
    assert np.abs(np.diff(drawn)).max() < 0.5 * 4


def test_an_even_context_width_is_refused() -> None:
    with pytest.raises(ValueError, match="odd"):
        ContextMeans((4,))


def test_stream_dropout_takes_streams_from_whole_sequences_but_never_all_of_them() -> None:
    present = np.ones((400, 3, 3), np.float32)
    layer = StreamDropout(0.6, seed=1)
    kept = np.asarray(layer(present, training=True))
    assert (kept == kept[:, :1]).all()
    assert (kept.sum(axis=-1) > 0).all()
    assert 0.2 < kept.mean() < 0.8
    np.testing.assert_array_equal(np.asarray(layer(present, training=False)), present)
    alone = present * np.float32([0, 1, 0])
    np.testing.assert_array_equal(np.asarray(layer(alone, training=True)), alone)


def test_scaling_brings_columns_to_zero_mean_and_unit_deviation_and_bounds_what_is_far_away() -> None:
    layer = ColumnScaling()
    rows = np.array([[[0.0], [10.0], [1000.0]]], np.float32)
    layer(rows)
    layer.set_statistics(np.array([5.0]), np.array([5.0]))
    np.testing.assert_allclose(np.asarray(layer(rows))[0, :, 0], [-1, 1, 4])


def test_concordance_is_zero_loss_for_the_truth_and_punishes_a_wrong_level() -> None:
    rated = RANDOM.uniform(size=(2, 30, 2)).astype(np.float32)
    weight = np.ones((2, 30), np.float32)
    assert float(concordance_loss(rated, rated, weight)) == pytest.approx(0, abs=1e-4)
    assert float(concordance_loss(rated, rated + 1, weight)) > 0.5
    assert float(concordance_loss(rated, -rated, weight)) > 1


def test_seconds_without_weight_do_not_count() -> None:
    rated = RANDOM.uniform(size=(1, 30, 2)).astype(np.float32)
    weight = np.ones((1, 30), np.float32)
    weight[:, 20:] = 0
    wrong = rated.copy()
    wrong[:, 20:] = 50
    assert float(concordance_loss(rated, wrong, weight)) == pytest.approx(0, abs=1e-4)
