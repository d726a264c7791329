"""Training the curve network on one rated film."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from models.curve_net import build_curve_net, set_statistics
from models.examples import CurveExamples, Floats, sample_crops
from models.losses import concordance_loss
from models.spec import STREAMS, CurveNetSettings, CurveTraining


def train_curve_net(
    examples: CurveExamples,
    spans: Sequence[tuple[int, int]],
    training: CurveTraining,
    *,
    seed: int,
    report: Callable[[int, float], None] = lambda step, loss: None,
) -> keras.Model:
    """Train one network on the spans of a rated film.

    Args:
        examples: the rated film.
        spans: the seconds to train on; nothing outside them is seen.
        training: how.
        seed: of weights, dropout and crops; the same seed gives the same network on the same machine.
        report: called with each step and its loss.

    Returns:
        The trained network.
    """
    settings = training.net_settings(examples.columns, examples.curves)
    network = build_curve_net(settings, seed=seed)
    set_statistics(network, settings, examples.measure_columns(spans))
    columns = tuple((name, tuple(examples.columns[name])) for name in STREAMS)
    bench = _prepare_bench(training, columns, tuple(examples.curves))
    bench.load(network)
    crops = sample_crops(examples, spans, crop_s=training.crop_s, batch=training.batch, seed=seed)
    for step in range(training.steps):
        inputs, ratings, weight = next(crops)
        report(step, float(bench.step(_to_tensors(inputs), tf.constant(ratings), tf.constant(weight))))
    bench.unload(network)
    return network


class TrainingBench:
    """A network, its optimiser and one compiled step, used again for every network of the same shape.

    Compiling the step takes as long as a training run, and an evaluation trains a hundred networks of one shape.

    Args:
        training: how networks are trained.
        settings: their shape.
    """

    def __init__(self, training: CurveTraining, settings: CurveNetSettings) -> None:
        self.network = build_curve_net(settings, seed=0)
        named = dict(training.curve_weights)
        weights = np.array([named.get(curve, 1.0) for curve in settings.curves], np.float32)
        self.curve_weights = weights / weights.mean()
        schedule = keras.optimizers.schedules.CosineDecay(training.learning_rate, training.steps)
        self.optimizer = keras.optimizers.AdamW(schedule, weight_decay=training.weight_decay, clipnorm=1.0)
        self.optimizer.build(self.network.trainable_variables)
        # No XLA: on busy cores it stalled, and compiling takes as long as a whole run.
        self.step = tf.function(self._step)

    def load(self, network: keras.Model) -> None:
        """Begin with this network's variables (weights and random states) and a fresh optimiser."""
        _copy_variables(network, self.network)
        for variable in self.optimizer.variables:
            variable.assign(keras.ops.zeros_like(variable))

    def unload(self, network: keras.Model) -> None:
        """Give the trained variables to this network."""
        _copy_variables(self.network, network)

    def _step(self, inputs: Any, ratings: Any, weight: Any) -> Any:
        with tf.GradientTape() as tape:
            values = self.network(inputs, training=True)["values"]
            loss = concordance_loss(ratings, values, weight, self.curve_weights)
        gradients = tape.gradient(loss, self.network.trainable_variables)
        self.optimizer.apply(gradients, self.network.trainable_variables)
        return loss


@lru_cache(maxsize=4)
def _prepare_bench(
    training: CurveTraining, columns: tuple[tuple[str, tuple[str, ...]], ...], curves: tuple[str, ...]
) -> TrainingBench:
    return TrainingBench(training, training.net_settings(dict(columns), curves))


def _copy_variables(source: keras.Model, target: keras.Model) -> None:
    for have, want in zip(target.variables, source.variables, strict=True):
        have.assign(want)


def predict_span(network: keras.Model, examples: CurveExamples, start: int, end: int) -> Floats:
    """Run a network over one span by itself: (end - start, C)."""
    outputs = network.predict(examples.slice_inputs(start, end), verbose=0)
    values: Floats = outputs["values"][0]
    return values


def _to_tensors(inputs: Mapping[str, Floats]) -> dict[str, Any]:
    return {name: tf.constant(array) for name, array in inputs.items()}
