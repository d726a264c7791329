"""The ridge regression as a network, with the inputs and outputs of `curve_net`."""

from dataclasses import replace
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from models.curve_net import describe_stream, set_statistics
from models.ridge import COLUMN_BOUND, RidgeFit
from models.spec import STREAMS, CurveNetSettings


@keras.saving.register_keras_serializable(package="throughline")
class ContributionShares(layers.Layer):
    """How much each stream moved each curve: |contribution| as a share of the sum over streams."""

    def call(self, contributions: Any) -> Any:
        """(B, T, C, S) -> (B, T, C, S), summing to 1, or to 0 where nothing contributes."""
        size = ops.abs(contributions)
        return size / ops.maximum(ops.sum(size, axis=-1, keepdims=True), 1e-9)


def build_linear_net(settings: CurveNetSettings, fit: RidgeFit) -> keras.Model:
    """Build the network that computes a fitted ridge regression.

    An absent stream contributes nothing, which is the same as all its columns at the training film's mean.

    Args:
        settings: names of columns and curves; its sizes and reading play no part.
        fit: the regression.

    Returns:
        A model with the inputs and outputs of `build_curve_net`; its values may leave the curves' ranges.
    """
    settings = replace(settings, reading=fit.reading)
    inputs = {name: keras.Input((None, len(settings.columns[name])), name=name) for name in STREAMS}
    inputs["present"] = keras.Input((None, len(STREAMS)), name="present")
    contributions, heads = [], {}
    for i, name in enumerate(STREAMS):
        here = inputs["present"][:, :, i : i + 1]
        heads[name] = layers.Dense(len(settings.curves), use_bias=False, name=f"{name}_head")
        described = describe_stream(inputs[name], here, settings, name=name, bound=COLUMN_BOUND)
        contributions.append(heads[name](described) * here)  # (B, T, C)
    stacked = ops.stack(contributions, axis=-1)  # (B, T, C, S)
    level = layers.Dense(len(settings.curves), name="level")
    total = ops.sum(stacked, axis=-1) + level(ops.zeros_like(inputs["present"]))  # (B, T, C)
    model = keras.Model(
        inputs, {"values": total, "shares": ContributionShares(name="shares")(stacked)}, name="linear_net"
    )
    set_statistics(model, settings, fit.statistics)
    for name in STREAMS:
        heads[name].set_weights([fit.weights[name].astype(np.float32)])
    level.set_weights([np.zeros((len(STREAMS), len(settings.curves)), np.float32), fit.level.astype(np.float32)])
    return model
