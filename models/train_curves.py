"""Training the curve network on one rated film."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from models.curve_net import STREAMS, CurveNetSettings, build_curve_net
from models.examples import CurveExamples, Floats, sample_crops
from models.losses import concordance_loss


@dataclass(frozen=True, kw_only=True)
class CurveTraining:
    """How one network is trained.

    Attributes:
        steps: optimiser steps.
        crop_s: seconds a training sequence lasts.
        batch: sequences a step.
        learning_rate: Adam's, falling to 0 along a cosine.
        weight_decay: decoupled, on all weights.
        context_s, encoder_units, recurrent_units, dropout, stream_dropout: as in `CurveNetSettings`.
    """

    steps: int = 160
    crop_s: int = 320
    batch: int = 18
    learning_rate: float = 0.01
    weight_decay: float = 0.0
    context_s: tuple[int, ...] = (5, 15, 45)
    encoder_units: int = 16
    recurrent_units: int = 24
    dropout: float = 0.4
    stream_dropout: float = 0.1

    @classmethod
    def from_table(cls, table: Mapping[str, Any]) -> "CurveTraining":
        """Read the settings from a TOML table; unknown names raise ValueError."""
        known = {field.name for field in fields(cls)}
        if unknown := set(table) - known:
            raise ValueError(f"unknown training settings: {', '.join(sorted(unknown))}; known are {', '.join(sorted(known))}")
        return cls(**{name: tuple(value) if isinstance(value, list) else value for name, value in table.items()})

    def net_settings(self, examples: CurveExamples) -> CurveNetSettings:
        """The network that fits these examples."""
        return CurveNetSettings(
            columns=examples.columns,
            curves=examples.curves,
            context_s=self.context_s,
            encoder_units=self.encoder_units,
            recurrent_units=self.recurrent_units,
            dropout=self.dropout,
            stream_dropout=self.stream_dropout,
        )


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
    network = build_curve_net(training.net_settings(examples), seed=seed)
    set_scaling(network, examples, spans)
    schedule = keras.optimizers.schedules.CosineDecay(training.learning_rate, training.steps)
    optimizer = keras.optimizers.AdamW(schedule, weight_decay=training.weight_decay, clipnorm=1.0)
    optimizer.build(network.trainable_variables)

    @tf.function(jit_compile=True)
    def step_once(inputs: Any, ratings: Any, weight: Any) -> Any:
        with tf.GradientTape() as tape:
            loss = concordance_loss(ratings, network(inputs, training=True)["values"], weight)
        gradients = tape.gradient(loss, network.trainable_variables)
        optimizer.apply(gradients, network.trainable_variables)
        return loss

    crops = sample_crops(examples, spans, crop_s=training.crop_s, batch=training.batch, seed=seed)
    for step in range(training.steps):
        inputs, ratings, weight = next(crops)
        report(step, float(step_once(_to_tensors(inputs), tf.constant(ratings), tf.constant(weight))))
    return network


def set_scaling(network: keras.Model, examples: CurveExamples, spans: Sequence[tuple[int, int]]) -> None:
    """Give each stream's `ColumnScaling` the statistics of the seconds in which the stream is present."""
    seconds = np.concatenate([np.arange(start, end) for start, end in spans])
    for i, name in enumerate(STREAMS):
        rows = examples.streams[name][seconds[examples.present[seconds, i] > 0]]
        if len(rows):
            network.get_layer(f"{name}_scaling").set_statistics(rows.mean(axis=0), rows.std(axis=0))


def predict_span(network: keras.Model, examples: CurveExamples, start: int, end: int) -> Floats:
    """Run a network over one span by itself: (end - start, C)."""
    outputs = network.predict(examples.slice_inputs(start, end), verbose=0)
    values: Floats = outputs["values"][0]
    return values


def _to_tensors(inputs: Mapping[str, Floats]) -> dict[str, Any]:
    return {name: tf.constant(array) for name, array in inputs.items()}
