"""The layers of the text network that are its own; how a string becomes numbers travels inside them.

Axis letters: N lines, L slots of a line, E embedding units, K labels.
"""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from keras import layers, ops

from models.text_ngrams import hash_lines


@keras.saving.register_keras_serializable(package="throughline")
class NgramBag(layers.Layer):
    """Embed the hashed n-grams of a line and pool them, each by a weight it has learned.

    pooled = sum_i w_i e_i / sqrt(1 + sum_i w_i^2) with w_i = exp(s_i), s_i a learned scalar for each bucket. A line
    without any n-gram gives zeros. How a string becomes n-grams is part of the configuration, so it travels in the
    .keras file.

    Args:
        of_words: n-grams of words; else of characters.
        orders: the lengths of the n-grams.
        slots: L.
        buckets: how many hash buckets there are; number 0 is an empty slot.
        units: E.
        dropout: share of n-grams left out in training.
        table_dtype: how the table is held: "float32" in training, "float16" where it ships.
    """

    def __init__(
        self,
        *,
        of_words: bool,
        orders: Sequence[int],
        slots: int,
        buckets: int,
        units: int,
        dropout: float = 0.0,
        table_dtype: str = "float32",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.of_words, self.orders, self.slots = of_words, tuple(orders), slots
        self.buckets, self.units, self.dropout = buckets, units, dropout
        self.table_dtype = table_dtype
        self.random = keras.random.SeedGenerator(7)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make a vector and a scalar for each bucket."""
        spread = keras.initializers.RandomNormal(stddev=0.05, seed=11 if self.of_words else 13)
        table: dict[str, Any] = {"dtype": self.table_dtype}
        self.vectors = self.add_weight(name="vectors", shape=(self.buckets, self.units), initializer=spread, **table)
        self.scales = self.add_weight(name="scales", shape=(self.buckets, 1), initializer="zeros", **table)

    def call(self, inputs: Any, training: bool = False) -> Any:
        """(N, L) int32 -> (N, E)."""
        kept = ops.cast(ops.not_equal(inputs, 0), self.compute_dtype)  # (N, L)
        if training and self.dropout > 0:
            drawn = keras.random.uniform(ops.shape(inputs), seed=self.random)
            kept = kept * ops.cast(drawn >= self.dropout, self.compute_dtype)
        scales = ops.cast(ops.take(self.scales, inputs, axis=0)[..., 0], self.compute_dtype)
        weights = ops.exp(scales) * kept  # (N, L)
        vectors = ops.cast(ops.take(self.vectors, inputs, axis=0), self.compute_dtype)  # (N, L, E)
        pooled = ops.einsum("nl,nle->ne", weights, vectors)  # (N, E)
        return pooled / ops.sqrt(1.0 + ops.sum(ops.square(weights), axis=1, keepdims=True))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """(N, L) -> (N, E)."""
        return (input_shape[0], self.units)

    def read_lines(self, lines: Sequence[str]) -> npt.NDArray[np.int32]:
        """The bucket numbers of N lines: (N, L) int32."""
        return hash_lines(lines, of_words=self.of_words, orders=self.orders, slots=self.slots, buckets=self.buckets)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer."""
        names = ("of_words", "orders", "slots", "buckets", "units", "dropout", "table_dtype")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


@keras.saving.register_keras_serializable(package="throughline")
class Level(layers.Layer):
    """Add a constant to each of K columns, 0 until `set_level`: what a regression says of a line it knows nothing of."""

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make the K constants."""
        self.level = self.add_weight(name="level", shape=(input_shape[-1],), initializer="zeros")

    def set_level(self, level: npt.ArrayLike) -> None:
        """Set the constants: (K,)."""
        self.level.assign(np.asarray(level, np.float32))

    def call(self, inputs: Any) -> Any:
        """(N, K) -> (N, K)."""
        return inputs + self.level


@keras.saving.register_keras_serializable(package="throughline")
class WeightedMean(layers.Layer):
    """The weighted mean of what a network and a regression say, the latter kept inside the range of the former.

    Args:
        share: of the first, in [0, 1].
        low: least value of the range.
        high: its greatest value.
    """

    def __init__(self, *, share: float, low: float, high: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.share, self.low, self.high = share, low, high

    def call(self, inputs: Any) -> Any:
        """(N, K) twice -> (N, K)."""
        first, second = inputs
        return self.share * first + (1.0 - self.share) * ops.clip(second, self.low, self.high)

    def compute_output_shape(self, input_shape: Sequence[tuple[int | None, ...]]) -> tuple[int | None, ...]:
        """(N, K) twice -> (N, K)."""
        return input_shape[0]

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer."""
        return {**super().get_config(), "share": self.share, "low": self.low, "high": self.high}


@keras.saving.register_keras_serializable(package="throughline")
class DecisionThreshold(layers.Layer):
    """Say which labels a line carries: those whose probability reaches the label's own threshold.

    The thresholds are weights, .5 until `set_thresholds`, so they travel in the .keras file; no gradient passes.
    """

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make a threshold for each of K labels."""
        half = keras.initializers.Constant(0.5)
        self.thresholds = self.add_weight(
            name="thresholds", shape=(input_shape[-1],), initializer=half, trainable=False
        )

    def set_thresholds(self, thresholds: npt.ArrayLike) -> None:
        """Set the thresholds: (K,) in [0, 1]."""
        self.thresholds.assign(np.asarray(thresholds, np.float32))

    def call(self, inputs: Any) -> Any:
        """(N, K) -> (N, K) of 0 and 1."""
        return ops.cast(ops.greater_equal(inputs, self.thresholds), self.compute_dtype)
