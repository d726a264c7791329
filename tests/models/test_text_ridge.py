import keras
import numpy as np
import pytest
from scipy.sparse import csr_array

from models.text_net import REGRESSED_COLUMNS, TextNetSettings, build_text_net, read_inputs
from models.text_ridge import TextRidgeSettings, fit_text_ridge, solve_ridge
from tests.models.text_lines import make_examples

SMALL = TextNetSettings(word_buckets=500, character_buckets=500, embedding_units=4, hidden_units=4)


def test_the_solution_is_that_of_the_normal_equations():
    generator = np.random.default_rng(0)
    dense, sparse = generator.normal(size=(60, 4)), generator.normal(size=(60, 7)) * (generator.random((60, 7)) < 0.4)
    targets, weights = generator.normal(size=(60, 2)), generator.uniform(0.5, 1, 60)
    found = solve_ridge([csr_array(sparse), dense], targets, weights, penalty=2.0)
    together = np.concatenate([sparse, dense], axis=1)
    level = np.average(targets, axis=0, weights=weights)
    wanted = np.linalg.solve(
        together.T @ (weights[:, None] * together) + 2.0 * np.eye(11),
        together.T @ (weights[:, None] * (targets - level)),
    )
    np.testing.assert_allclose(np.concatenate(found.weights), wanted, atol=1e-8)
    np.testing.assert_allclose(found.level, level)


@pytest.fixture(scope="module")
def fitted():
    examples = make_examples()
    network = build_text_net(SMALL)
    fit_text_ridge(network, examples.choose_split("train"), TextRidgeSettings(penalty=0.3))
    return network


def regress(network, lines):
    path = keras.Model(network.input, network.get_layer("emotions_mean").input[1])
    return path.predict(read_inputs(network, lines), verbose=0)


def test_the_regression_inside_the_network_tells_lines_by_their_words(fitted):
    test = make_examples().choose_split("test")
    emotional = test.weights["emotions"] > 0
    said = regress(fitted, test.lines)[emotional]
    assert (said.argmax(axis=1) == test.targets["emotions"][emotional].argmax(axis=1)).mean() > 0.95


def test_an_empty_line_is_given_finite_numbers(fitted):
    assert np.isfinite(regress(fitted, ["", "愛"])).all()


def test_what_comments_teach_has_a_part_in_the_emotions(fitted):
    """A word that stands in comments alone moves the emotion whose film lines look like those comments."""
    examples = make_examples()
    lines = [line if examples.weights["emotions"][i] else f"{line} zest" for i, line in enumerate(examples.lines)]
    assert set(REGRESSED_COLUMNS) == {"emotions", "neutral", "ratings"}
    targets = {**examples.targets, "comments": examples.targets["comments"].copy()}
    weights = {**examples.weights, "comments": np.ones(len(lines), np.float32)}
    zest = np.array(["zest" in line for line in lines])
    targets["comments"][zest] = np.eye(28)[4]  # comments with the word are marked as film lines of joy are
    said = []
    for scale in (1.0, 0.0):
        network = build_text_net(SMALL)
        changed = type(examples)(lines=tuple(lines), targets=targets, weights=weights, split=examples.split)
        fit_text_ridge(network, changed, TextRidgeSettings(penalty=0.3, borrowed_scale=scale))
        said.append(regress(network, ["zest"])[0, 4])
    assert said[0] > said[1] + 0.1
