import keras
import numpy as np
import pytest

from models.text_layers import DecisionThreshold, Level, NgramBag, WeightedMean


def make_bag(**changes):
    return NgramBag(**{"of_words": True, "orders": (1, 2), "slots": 6, "buckets": 40, "units": 5, **changes})


@pytest.mark.parametrize(
    "layer",
    [
        make_bag(dropout=0.3, name="bag", table_dtype="float16"),
        DecisionThreshold(name="decisions"),
        Level(name="level"),
        WeightedMean(share=0.3, low=-1.0, high=1.0, name="mean"),
    ],
)
def test_a_layer_is_rebuilt_from_its_configuration(layer):
    config = layer.get_config()
    assert type(layer).from_config(config).get_config() == config


def test_a_bag_pools_each_line_by_itself_and_an_empty_one_to_zeros():
    bag = make_bag()
    rows = bag.read_lines(["one two", "", "three"])
    pooled = keras.ops.convert_to_numpy(bag(rows))
    assert pooled.shape == (3, 5)
    assert pooled.shape == bag.compute_output_shape(rows.shape)
    assert not pooled[1].any()
    np.testing.assert_allclose(pooled[2], keras.ops.convert_to_numpy(bag(rows[2:]))[0], rtol=1e-6)


def test_a_bag_pools_as_its_formula_says():
    bag = make_bag()
    bag.build((None, 6))
    bag.scales.assign(np.linspace(-1, 1, 40)[:, None])
    row = np.array([[3, 8, 0, 0, 0, 0]])
    vectors, weights = bag.vectors.numpy(), np.exp(np.linspace(-1, 1, 40))
    wanted = (weights[3] * vectors[3] + weights[8] * vectors[8]) / np.sqrt(1 + weights[3] ** 2 + weights[8] ** 2)
    np.testing.assert_allclose(keras.ops.convert_to_numpy(bag(row))[0], wanted, rtol=1e-5)


def test_a_bag_drops_ngrams_in_training_only():
    bag = make_bag(dropout=0.5)
    rows = bag.read_lines(["a b c d"] * 50)
    at_rest, in_training = (keras.ops.convert_to_numpy(bag(rows, training=training)) for training in (False, True))
    assert (at_rest == at_rest[0]).all()
    assert not (in_training == in_training[0]).all()


def test_a_probability_that_reaches_its_threshold_is_a_decision():
    layer = DecisionThreshold()
    layer.build((None, 2))
    layer.set_thresholds([0.2, 0.9])
    decided = keras.ops.convert_to_numpy(layer(np.array([[0.2, 0.8], [0.1, 0.95]], np.float32)))
    assert decided.tolist() == [[1, 0], [0, 1]]


def test_a_level_is_added_to_every_line():
    layer = Level()
    layer.build((None, 2))
    layer.set_level([0.5, -1.0])
    np.testing.assert_allclose(keras.ops.convert_to_numpy(layer(np.ones((3, 2), np.float32))), [[1.5, 0.0]] * 3)


def test_a_mean_keeps_the_regression_inside_its_range():
    layer = WeightedMean(share=0.25, low=0.0, high=1.0)
    mean = keras.ops.convert_to_numpy(layer([np.array([[0.4, 0.4]]), np.array([[5.0, -5.0]])]))
    np.testing.assert_allclose(mean, [[0.85, 0.1]], rtol=1e-6)


def test_a_table_in_half_precision_pools_almost_the_same():
    whole, half = make_bag(), make_bag(table_dtype="float16")
    rows = whole.read_lines(["one two three"])
    wanted = keras.ops.convert_to_numpy(whole(rows))
    half.build(rows.shape)
    for mine, theirs in zip(half.weights, whole.weights, strict=True):
        mine.assign(theirs)
    np.testing.assert_allclose(keras.ops.convert_to_numpy(half(rows)), wanted, atol=1e-4)
    assert half.vectors.dtype == "float16"
