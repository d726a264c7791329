"""A causal model fed second by second says what it says of the whole film, and never looks ahead."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.checkpoint import load_curve_model, save_curve_model
from models.linear_net import build_linear_net
from models.live import load_live_model
from models.ridge import fit_ridge, moving_mean
from models.spec import STREAMS
from models.train_curves import train_curve_net
from tests.models.curve_examples import CURVES, make_examples, make_spec
from tests.models.test_train_curves import TRAINING

SECONDS = 300


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    film = make_examples()
    training = replace(TRAINING, steps=6, context_s=(3, 31), spoken=("harm",), regression_spoken_s=(45,), causal=True)
    spans = film.spans_without(None)
    members = [train_curve_net(film, spans, training, seed=seed) for seed in (0, 1)]
    linear = build_linear_net(
        training.net_settings(film.columns, CURVES), fit_ridge(film, spans, training.regression_reading)
    )
    path = tmp_path_factory.mktemp("weights") / "live.keras"
    save_curve_model(members, linear, make_spec(film), path)
    return path


def make_inputs(seconds: int) -> dict[str, np.ndarray]:
    inputs = make_examples().slice_inputs(0, seconds)
    inputs["present"] = inputs["present"].copy()
    inputs["present"][:, 40:60, 1] = 0  # A gap in the sound.
    inputs["present"][:, 200:, 2] = 0
    return inputs


def test_second_by_second_gives_the_numbers_of_the_whole_film(weights: Path) -> None:
    inputs = make_inputs(SECONDS)
    whole = load_curve_model(weights).predict(inputs)
    model = load_live_model(weights)
    for _ in range(2):  # The second time from a film's beginning again.
        model.begin()
        steps = [model.step({name: rows[0, second] for name, rows in inputs.items()}) for second in range(SECONDS)]
        for name, rows in whole.items():
            np.testing.assert_allclose(np.stack([step[name] for step in steps]), rows[0], atol=2e-5, err_msg=name)


def test_what_comes_later_changes_nothing(weights: Path) -> None:
    inputs, model = make_inputs(SECONDS), load_curve_model(weights)
    before = model.predict(inputs)["values"][0, :150]
    for name in STREAMS:
        inputs[name] = inputs[name].copy()
        inputs[name][:, 150:] += 3
    after = model.predict(inputs)["values"][0]
    np.testing.assert_allclose(after[:150], before, atol=1e-5)
    assert np.abs(after[150:] - load_curve_model(weights).predict(make_inputs(SECONDS))["values"][0, 150:]).max() > 0.01


def test_a_model_that_looks_ahead_is_refused() -> None:
    from models.shipped import CURVE_WEIGHTS

    with pytest.raises(ValueError, match="look ahead"):
        load_live_model(CURVE_WEIGHTS)


def test_causal_means_end_with_the_second() -> None:
    rows = np.arange(5, dtype=np.float32)[:, None]
    np.testing.assert_allclose(moving_mean(rows, 3, causal=True)[:, 0], [0, 0.5, 1, 2, 3])
