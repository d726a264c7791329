"""The noun that says what moved the curves of a film, and by how much."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.arrays import freeze_array

Halves = npt.NDArray[np.float16]


@dataclass(frozen=True, kw_only=True)
class Effects:
    """By how much each cause moved each curve in each second, and each telling word in the seconds of its line.

    An effect is what the curve is, less what it would be without the cause: as the film usually is, or without the
    word. Half precision tells a thousandth, which is more than anybody reads.

    Attributes:
        causes: the names of the G causes, as `pipeline.features.causes` has them.
        read: for each stream the measurements that the curves were drawn from; causes are made of these alone.
        values: (T, C, G) float16, in units of the curves.
        word_lines: (W,) int32, in which line of the transcript each word stands, in order.
        words: the W words, as they are written.
        word_values: (W, C) float16, the mean over the seconds in which the word's line is spoken, ten at most.
    """

    causes: tuple[str, ...]
    read: Mapping[str, tuple[str, ...]]
    values: Halves
    word_lines: npt.NDArray[np.int32]
    words: tuple[str, ...]
    word_values: Halves

    def __post_init__(self) -> None:
        """Freeze and check the arrays."""
        values = freeze_array(self.values, np.float16, (None, None, len(self.causes)), "values")
        object.__setattr__(self, "values", values)
        lines = freeze_array(self.word_lines, np.int32, (len(self.words),), "word_lines")
        object.__setattr__(self, "word_lines", lines)
        shape = (len(self.words), self.values.shape[1])
        object.__setattr__(self, "word_values", freeze_array(self.word_values, np.float16, shape, "word_values"))
        for name in ("values", "word_values"):
            if not np.isfinite(getattr(self, name)).all():
                raise ValueError(f"{name} holds values that are not finite")
