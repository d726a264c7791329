import subprocess
import sys
import time
import tomllib
import zipfile

import keras
import numpy as np
import pytest

from models.text_examples import EMOTIONS
from models.text_net import (
    INPUTS,
    WEIGHTS,
    KerasTextModel,
    TextNetSettings,
    build_text_net,
    load_text_model,
    read_inputs,
)

SMALL = TextNetSettings(
    word_buckets=200, character_buckets=300, embedding_units=6, hidden_units=8, affect_units=3
)  # fmt: skip
LINES = ["I love you.", "Get out of here, you filthy animal!", "", "¿Qué?", "どうして"]


@pytest.fixture(scope="module")
def shipped():
    return load_text_model()


saving = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning")
"""Keras hands TensorFlow's variables to numpy in a way that numpy deprecates."""


def test_one_training_step_lowers_the_loss():
    keras.utils.set_random_seed(0)
    network = build_text_net(SMALL)
    learner = keras.Model(network.input, network.output["emotions"])
    learner.compile(optimizer=keras.optimizers.SGD(1.0), loss="binary_crossentropy")
    inputs, answers = read_inputs(network, LINES), np.eye(8, dtype=np.float32)[: len(LINES)]
    before = learner.evaluate(inputs, answers, verbose=0)
    learner.train_on_batch(inputs, answers)
    assert learner.evaluate(inputs, answers, verbose=0) < before


@saving
def test_a_saved_network_reads_the_same_and_brings_its_hashing_along(tmp_path):
    network = build_text_net(SMALL)
    network.get_layer("decisions").set_thresholds(np.linspace(0.1, 0.8, 8))
    network.save(tmp_path / "text.keras")
    model = load_text_model(tmp_path / "text.keras")
    np.testing.assert_array_equal(
        model.read_lines(LINES), KerasTextModel(network, model_id="in memory").read_lines(LINES)
    )
    again = keras.saving.load_model(tmp_path / "text.keras", compile=False, safe_mode=True)
    np.testing.assert_allclose(again.get_layer("decisions").thresholds.numpy(), np.linspace(0.1, 0.8, 8), rtol=1e-6)


def test_the_shipped_model_names_a_column_for_everything_it_says(shipped):
    vectors = shipped.read_lines(LINES)
    assert vectors.shape == (len(LINES), len(shipped.columns))
    assert vectors.dtype == np.float32
    assert np.isfinite(vectors).all()
    assert shipped.columns == (*EMOTIONS, "valence", "arousal", "neutral")
    assert shipped.model_id.startswith("text_net-")
    signed = [name in ("valence", "arousal") for name in shipped.columns]
    assert (vectors >= np.where(signed, -1, 0)).all()
    assert (vectors <= 1).all()


def test_the_shipped_model_loads_in_a_process_that_has_built_nothing_else(shipped):
    program = (
        "from models.text_net import load_text_model\n"
        f"print(load_text_model().read_lines({LINES[:2]!r}).tobytes().hex())"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split()[-1] == shipped.read_lines(LINES[:2]).tobytes().hex()


def test_no_lines_give_no_rows(shipped):
    assert shipped.read_lines([]).shape == (0, len(shipped.columns))


def test_the_shipped_model_tells_joy_from_fear_and_anger(shipped):
    lines = ["I love you, this is wonderful!", "I'm so scared, it's going to kill us.", "I hate you, you bastard!"]
    read = dict(zip(shipped.columns, shipped.read_lines(lines).T, strict=True))
    assert read["joy"].argmax() == 0
    assert read["fear"].argmax() == 1
    assert read["anger"].argmax() == 2
    assert read["valence"].argmax() == 0


def test_a_line_is_read_by_itself_whatever_stands_around_it(shipped):
    alone = shipped.read_lines([LINES[0]])
    among = shipped.read_lines([*(f"Line number {n}." for n in range(400)), LINES[0]])
    np.testing.assert_array_equal(alone[0], among[-1])


def test_a_film_of_two_thousand_lines_is_read_in_seconds_and_twice_the_same(shipped):
    lines = [f"I told you {n} times, we have to get out of here before they come back." for n in range(2000)]
    started = time.perf_counter()
    first = shipped.read_lines(lines)
    assert time.perf_counter() - started < 10
    assert first.tobytes() == shipped.read_lines(lines).tobytes()


def test_the_shipped_file_is_small():
    assert WEIGHTS.stat().st_size <= 15_000_000


def test_the_shipped_file_was_trained_with_the_settings_that_ship():
    settings = tomllib.loads((WEIGHTS.parents[1] / "text_net.toml").read_text(encoding="utf-8"))
    wanted = build_text_net(TextNetSettings(**settings["network"]), table_dtype="float16")
    found = keras.saving.load_model(WEIGHTS, compile=False, safe_mode=True)
    assert [weight.shape for weight in found.weights] == [weight.shape for weight in wanted.weights]
    for name in (*(f"{name}_bag" for name in INPUTS), "words_regression", "characters_regression", "emotions_mean"):
        assert found.get_layer(name).get_config() == wanted.get_layer(name).get_config()


def test_a_missing_file_is_a_plain_sentence(tmp_path):
    with pytest.raises(ValueError, match="There is no text model at"):
        load_text_model(tmp_path / "none.keras")


@saving
@pytest.mark.parametrize("kind", ["noise", "zip", "other network"])
def test_a_foreign_file_is_a_plain_sentence(tmp_path, kind):
    path = tmp_path / "foreign.keras"
    if kind == "noise":
        path.write_bytes(b"not a network")
    elif kind == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("readme.txt", "hello")
    else:
        keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)]).save(path)
    with pytest.raises(ValueError, match=r"foreign\.keras is not a text model of this program\."):
        load_text_model(path)
