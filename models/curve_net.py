"""The network that draws the curves: one encoder a stream, gated fusion, a bidirectional LSTM, a head a curve.

In three parts: the layers, the network built from them, and the settings that say how large it is. Axis letters:
B batch, T seconds, C curves, D columns of a stream, E encoder units, S = 3 streams.
"""

from collections.abc import Sequence
from typing import Any

import keras
from keras import layers, ops

from models.context import AverageSeconds, ColumnChoice, DrawOut, SpokenMeans, sum_window
from models.examples import ColumnStatistics
from models.spec import SPEECH, STREAMS, CurveNetSettings

TWIN_UNITS = 48
"""Units of the dense layer that stands in for the LSTM in the non-recurrent twin: as wide as its two directions."""


# The layers -----------------------------------------------------------------------------------------------------


@keras.saving.register_keras_serializable(package="throughline")
class ColumnScaling(layers.Layer):
    """Bring every column to mean 0 and standard deviation 1 over the training seconds, bounded on both sides.

    The mean and deviation are weights, set once by `set_statistics`, so they travel in the .keras file.

    Args:
        bound: how many deviations from the mean a column may stand.
    """

    def __init__(self, bound: float = 4.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.bound = bound

    def build(self, input_shape: Any) -> None:
        """Make the weights for D columns."""
        width = input_shape[-1]
        self.mean = self.add_weight(name="mean", shape=(width,), initializer="zeros", trainable=False)
        self.deviation = self.add_weight(name="deviation", shape=(width,), initializer="ones", trainable=False)

    def set_statistics(self, mean: Any, deviation: Any) -> None:
        """Set the statistics: two (D,) arrays; a deviation of 0 counts as 1."""
        self.mean.assign(mean)
        self.deviation.assign(ops.where(ops.convert_to_tensor(deviation) > 1e-6, deviation, 1.0))

    def call(self, inputs: Any) -> Any:
        """(B, T, D) -> (B, T, D)."""
        return ops.clip((inputs - self.mean) / self.deviation, -self.bound, self.bound)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "bound": self.bound}


@keras.saving.register_keras_serializable(package="throughline")
class ContextMeans(layers.Layer):
    """Append moving means over several widths, over the seconds in which the stream is present.

    Windows are centred on the second, or end with it; they are cut off at the ends of the sequence, so nothing outside it
    is ever seen.

    Args:
        widths: odd numbers of seconds.
        causal: whether windows end with the second.
    """

    def __init__(self, widths: Sequence[int], causal: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.causal = causal
        if any(width % 2 == 0 for width in widths):
            raise ValueError(f"context widths must be odd, got {list(widths)}")
        self.widths = tuple(widths)

    def call(self, inputs: Any, present: Any) -> Any:
        """(B, T, D) and (B, T, 1) -> (B, T, D * (1 + number of widths))."""
        inputs = inputs * present
        means = [self._mean(inputs, present, width) for width in self.widths]
        return ops.concatenate([inputs, *means], axis=-1)  # (B, T, D * (1 + widths))

    def _mean(self, inputs: Any, present: Any, width: int) -> Any:
        total = sum_window(ops.concatenate([inputs, present], axis=-1), width, causal=self.causal)  # (B, T, D + 1)
        return total[..., :-1] / ops.maximum(total[..., -1:], 1.0)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "widths": list(self.widths), "causal": self.causal}


@keras.saving.register_keras_serializable(package="throughline")
class StreamDropout(layers.Layer):
    """In training, take each stream away from a whole sequence with a given chance, but never all of them.

    Args:
        rate: the chance, for each stream by itself.
        seed: seed of the choice.
    """

    def __init__(self, rate: float, seed: int = 0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.rate = rate
        self.seed = seed
        self.generator = keras.random.SeedGenerator(seed)

    def call(self, present: Any, training: bool = False) -> Any:
        """(B, T, S) of 0 and 1 -> the same, with some streams set to 0."""
        if not training or self.rate == 0:
            return present
        shape = (ops.shape(present)[0], 1, present.shape[-1])
        kept = ops.cast(keras.random.uniform(shape, seed=self.generator) >= self.rate, present.dtype)
        left = present * kept
        return ops.where(ops.any(left > 0, axis=(1, 2), keepdims=True), left, present)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "rate": self.rate, "seed": self.seed}


@keras.saving.register_keras_serializable(package="throughline")
class GatedFusion(layers.Layer):
    """Weigh the encoded streams against one another, for every curve by itself.

    A softmax over the streams that are present gives each curve its shares, and the curve's fused vector is the
    encoders' outputs summed with these shares. Source: the gated multimodal unit (Arevalo et al., 2017), with one
    gate a curve in place of one a unit.

    Args:
        curves: C.
    """

    def __init__(self, curves: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.curves = curves
        self.score = layers.Dense(curves * len(STREAMS), name="score")

    def build(self, encoded_shape: Any, present_shape: Any) -> None:
        """Make the scoring weights for S encoders of E units."""
        self.score.build((*encoded_shape[:2], encoded_shape[2] * encoded_shape[3]))

    def call(self, encoded: Any, present: Any) -> tuple[Any, Any]:
        """Encoded (B, T, S, E) and present (B, T, S) -> fused (B, T, C, E) and shares (B, T, C, S)."""
        batch, seconds = ops.shape(encoded)[0], ops.shape(encoded)[1]
        width = encoded.shape[2] * encoded.shape[3]
        scores = self.score(ops.reshape(encoded, (batch, seconds, width)))  # (B, T, C * S)
        scores = ops.reshape(scores, (batch, seconds, self.curves, len(STREAMS)))  # (B, T, C, S)
        here = present[:, :, None, :]  # (B, T, 1, S)
        weights = ops.exp(scores - ops.max(scores, axis=-1, keepdims=True)) * here
        shares = weights / ops.maximum(ops.sum(weights, axis=-1, keepdims=True), 1e-9)  # (B, T, C, S)
        return ops.matmul(shares, encoded), shares  # (B, T, C, E)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "curves": self.curves}


@keras.saving.register_keras_serializable(package="throughline")
class CurveHeads(layers.Layer):
    """One linear head a curve over what all curves share and what only this curve's gate let through.

    Args:
        signed: for each curve whether it lies in [-1, 1] (tanh) or in [0, 1] (sigmoid).
    """

    def __init__(self, signed: Sequence[bool], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.signed = tuple(bool(flag) for flag in signed)
        self.shared = layers.Dense(len(self.signed), name="shared")

    def build(self, shared_shape: Any, fused_shape: Any) -> None:
        """Make the weights."""
        self.shared.build(shared_shape)
        self.own = self.add_weight(name="own", shape=(len(self.signed), fused_shape[-1]), initializer="glorot_uniform")

    def call(self, shared: Any, fused: Any) -> Any:
        """Shared (B, T, R) and fused (B, T, C, E) -> (B, T, C)."""
        total = self.shared(shared) + ops.sum(fused * self.own, axis=-1)  # (B, T, C)
        signed = ops.convert_to_tensor([float(flag) for flag in self.signed])
        return signed * ops.tanh(total) + (1 - signed) * ops.sigmoid(total)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "signed": list(self.signed)}


# The network ----------------------------------------------------------------------------------------------------


def build_curve_net(settings: CurveNetSettings, *, seed: int) -> keras.Model:
    """Build one network.

    Inputs are a dict: each stream's columns (B, T, D) and `present` (B, T, 3) of 0 and 1. A stream that is absent
    is told so by `present`; its columns are then never looked at. Outputs are a dict: `values` (B, T, C) and
    `shares` (B, T, C, 3), how much of each curve's own input each stream gave.

    Args:
        settings: sizes and names.
        seed: of weights and dropout; the same seed gives the same network.
    """
    keras.utils.set_random_seed(seed)
    inputs = {name: keras.Input((None, len(settings.columns[name])), name=name) for name in STREAMS}
    inputs["present"] = keras.Input((None, len(STREAMS)), name="present")
    present = StreamDropout(settings.stream_dropout, seed=seed, name="stream_dropout")(inputs["present"])
    encoded = [
        _encode_stream(inputs[name], present[:, :, i : i + 1], settings, name=name) for i, name in enumerate(STREAMS)
    ]
    stacked = ops.stack(encoded, axis=2)  # (B, T, S, E)
    fused, shares = GatedFusion(len(settings.curves), name="fusion")(stacked, present)
    heard = ops.mean(shares, axis=2)[..., None] * stacked * len(STREAMS)  # (B, T, S, E)
    trunk = layers.Reshape((-1, len(STREAMS) * settings.encoder_units), name="trunk")(heard)  # (B, T, S * E)
    if settings.recurrent_units:
        recurrent = _run_lstm(trunk, settings)  # (B, T, units), twice as many in two directions
        shared = layers.Dropout(settings.dropout, name="recurrent_dropout")(recurrent)
    else:
        shared = layers.Dense(TWIN_UNITS, activation="tanh", name="twin")(trunk)  # (B, T, 48)
        shared = layers.Dropout(settings.dropout, name="twin_dropout")(shared)
    values = CurveHeads([name in settings.signed for name in settings.curves], name="heads")(shared, fused)
    return keras.Model(inputs, {"values": values, "shares": shares}, name="curve_net")


def _run_lstm(trunk: Any, settings: CurveNetSettings) -> Any:
    """Run over a film, (B, T, D) -> (B, T, units): second by second, or both ways in steps of several seconds."""
    if settings.reading.causal:
        return layers.LSTM(settings.recurrent_units, return_sequences=True, name="recurrent")(trunk)
    lstm = layers.LSTM(settings.recurrent_units, return_sequences=True)
    steps = AverageSeconds(settings.stride_s, name="steps")(trunk)  # (B, T / stride, D)
    recurrent = layers.Bidirectional(lstm, name="recurrent")(steps)  # (B, T / stride, 2 * units)
    return DrawOut(settings.stride_s, name="seconds")(recurrent, trunk)


def describe_stream(columns: Any, present: Any, settings: CurveNetSettings, *, name: str, bound: float = 4.0) -> Any:
    """Choose a stream's columns, scale them and add what stands around: (B, T, D) -> (B, T, D'), 0 where it is absent."""
    reading, names = settings.reading, settings.columns[name]
    read = ColumnChoice(reading.list_read(names), name=f"{name}_read")(columns)
    scaled = ColumnScaling(bound, name=f"{name}_scaling")(read)
    described = ContextMeans(reading.context_s, reading.causal, name=f"{name}_context")(scaled, present)
    if name != "transcript" or not reading.spoken_s:
        return described
    spoken = ColumnChoice(reading.list_spoken(names), name="spoken_read")(columns * present)
    speech = ColumnChoice([names.index(SPEECH)], name="speech_read")(columns * present)
    means = SpokenMeans(reading.spoken_s, reading.causal, name="spoken_means")(spoken, speech)
    return ops.concatenate([described, means], axis=-1)


def set_statistics(model: keras.Model, settings: CurveNetSettings, statistics: ColumnStatistics) -> None:
    """Give the layers that `describe_stream` made the statistics of the columns they read."""
    reading = settings.reading
    for name in STREAMS:
        read = reading.list_read(settings.columns[name])
        mean, deviation = statistics.mean[name], statistics.deviation[name]
        model.get_layer(f"{name}_scaling").set_statistics(mean[read], deviation[read])
    if spoken := reading.list_spoken(settings.columns["transcript"]):
        deviation = statistics.deviation["transcript"][spoken]
        model.get_layer("spoken_means").set_statistics(statistics.usual_line[spoken], deviation)


def _encode_stream(columns: Any, present: Any, settings: CurveNetSettings, *, name: str) -> Any:
    """Describe, squeeze: (B, T, D) -> (B, T, E), zero where the stream is absent."""
    context = describe_stream(columns, present, settings, name=name)  # (B, T, D')
    context = layers.Dropout(settings.dropout / 2, name=f"{name}_input_dropout")(context)
    dense = layers.Dense(settings.encoder_units, activation="tanh", name=f"{name}_encoder")(context)  # (B, T, E)
    return layers.Dropout(settings.dropout, name=f"{name}_dropout")(dense) * present
