"""What is read of a film's columns, and what stands around a second: layers without anything to learn.

Axis letters as in `curve_net`.
"""

from collections.abc import Sequence
from typing import Any

import keras
from keras import layers, ops

from models.spec import SPEECH_PRIOR


@keras.saving.register_keras_serializable(package="throughline")
class ColumnChoice(layers.Layer):
    """Read some columns of a stream and leave the others.

    Args:
        kept: their indices.
    """

    def __init__(self, kept: Sequence[int], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.kept = [int(index) for index in kept]

    def call(self, inputs: Any) -> Any:
        """(B, T, D) -> (B, T, number of kept)."""
        return ops.take(inputs, self.kept, axis=-1)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "kept": self.kept}


@keras.saving.register_keras_serializable(package="throughline")
class SpokenMeans(layers.Layer):
    """Average what is said over windows, weighed by speech: a pause dilutes nothing.

    For each width: the sum of (columns - speech * usual) / deviation over the window, over the sum of speech and a little
    (`SPEECH_PRIOR` of the window), so that what nobody said is as lines usually are. The usual line and the deviation are
    weights, set once by `set_statistics`.

    Args:
        widths: odd numbers of seconds.
        causal: whether windows end with the second instead of being centred on it.
    """

    def __init__(self, widths: Sequence[int], causal: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.widths = tuple(widths)
        self.causal = causal

    def build(self, columns_shape: Any, speech_shape: Any) -> None:
        """Make the weights for D columns."""
        width = columns_shape[-1]
        self.usual = self.add_weight(name="usual", shape=(width,), initializer="zeros", trainable=False)
        self.deviation = self.add_weight(name="deviation", shape=(width,), initializer="ones", trainable=False)

    def set_statistics(self, usual: Any, deviation: Any) -> None:
        """Set the statistics: two (D,) arrays; a deviation of 0 counts as 1."""
        self.usual.assign(usual)
        self.deviation.assign(ops.where(ops.convert_to_tensor(deviation) > 1e-6, deviation, 1.0))

    def call(self, columns: Any, speech: Any) -> Any:
        """(B, T, D), each second's share of speech times what is said, and (B, T, 1) -> (B, T, D * number of widths)."""
        off_usual = (columns - speech * self.usual) / self.deviation
        stacked = ops.concatenate([off_usual, speech], axis=-1)  # (B, T, D + 1)
        return ops.concatenate([self._mean(stacked, width) for width in self.widths], axis=-1)  # (B, T, D * widths)

    def _mean(self, stacked: Any, width: int) -> Any:
        total = sum_window(stacked, width, causal=self.causal)  # (B, T, D + 1)
        return total[..., :-1] / (total[..., -1:] + SPEECH_PRIOR * width)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "widths": list(self.widths), "causal": self.causal}


@keras.saving.register_keras_serializable(package="throughline")
class AverageSeconds(layers.Layer):
    """Average so many seconds into one step; the last step may hold fewer.

    Args:
        stride_s: seconds in a step.
    """

    def __init__(self, stride_s: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.stride_s = stride_s

    def call(self, inputs: Any) -> Any:
        """(B, T, D) -> (B, ceil(T / stride), D)."""
        counted = ops.concatenate([inputs, ops.ones_like(inputs[..., :1])], axis=-1)  # (B, T, D + 1)
        padded = ops.pad(counted, [[0, 0], [0, self.stride_s - 1], [0, 0]])
        pooled = ops.average_pool(padded, self.stride_s, self.stride_s)  # (B, ceil(T / stride), D + 1)
        return pooled[..., :-1] / pooled[..., -1:]

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        """(B, T, D) -> (B, ceil(T / stride), D)."""
        batch, seconds, width = input_shape
        return batch, None if seconds is None else -(-seconds // self.stride_s), width

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "stride_s": self.stride_s}


@keras.saving.register_keras_serializable(package="throughline")
class DrawOut(layers.Layer):
    """Draw steps of so many seconds out to seconds, passing from each to the next without a jump.

    Args:
        stride_s: seconds in a step.
    """

    def __init__(self, stride_s: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.stride_s = stride_s

    def call(self, steps: Any, seconds: Any) -> Any:
        """(B, ceil(T / stride), D) and anything (B, T, ..) -> (B, T, D)."""
        if self.stride_s == 1:
            return steps
        drawn = ops.repeat(steps, self.stride_s, axis=1)[:, : ops.shape(seconds)[1]]
        width = self.stride_s // 2 * 2 + 1
        return sum_window(drawn, width) / sum_window(ops.ones_like(drawn[..., :1]), width)

    def compute_output_shape(self, steps_shape: Any, seconds_shape: Any) -> tuple[int | None, ...]:
        """(B, ceil(T / stride), D) and (B, T, ..) -> (B, T, D)."""
        return *seconds_shape[:2], steps_shape[-1]

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "stride_s": self.stride_s}


def sum_window(inputs: Any, width: int, *, causal: bool = False) -> Any:
    """Sum over a window of an odd width, centred or ending with the second, cut off at the ends: (B, T, D) -> (B, T, D)."""
    ahead = 0 if causal else width // 2
    padded = ops.pad(inputs, [[0, 0], [width - ahead, ahead], [0, 0]])  # (B, T + width, D)
    total = ops.cumsum(padded, axis=1)
    return total[:, width:] - total[:, :-width]  # (B, T, D)
