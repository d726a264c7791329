"""What the text network learns from: lines, and for each of its heads the targets and how much they count."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

EMOTIONS = ("anger", "anticipation", "disgust", "fear", "joy", "sadness", "surprise", "trust")
"""Plutchik's eight emotions, in the order of every axis of length 8."""

RATINGS = ("valence", "arousal", "dominance")
"""Rated dimensions, each in [-1, 1]."""

COMMENT_EMOTIONS = (
    "admiration", "amusement", "anger", "annoyance", "approval", "caring", "confusion", "curiosity", "desire",
    "disappointment", "disapproval", "disgust", "embarrassment", "excitement", "fear", "gratitude", "grief", "joy",
    "love", "nervousness", "optimism", "pride", "realization", "relief", "remorse", "sadness", "surprise", "neutral",
)  # fmt: skip
"""The labels of GoEmotions, in its own order."""

HEADS: Mapping[str, tuple[str, ...]] = {
    "emotions": EMOTIONS,
    "neutral": ("neutral",),
    "ratings": RATINGS,
    "comments": COMMENT_EMOTIONS,
}
"""The heads of the network and the columns of each."""

SPLITS = ("train", "dev", "test")


@dataclass(frozen=True, kw_only=True)
class TextExamples:
    """Lines of several corpora in one table; a head that a corpus says nothing about has weight 0 there.

    Attributes:
        lines: N strings.
        targets: for each of `HEADS` (N, K) float32: 0 or 1, and for `ratings` [-1, 1].
        weights: for each of `HEADS` (N,) float32 >= 0.
        split: (N,) strings, one of `SPLITS`.
    """

    lines: tuple[str, ...]
    targets: Mapping[str, Floats]
    weights: Mapping[str, Floats]
    split: npt.NDArray[np.str_]

    def __post_init__(self) -> None:
        """Check that every table has a row for each line and a column for each name."""
        for head, names in HEADS.items():
            if self.targets[head].shape != (len(self.lines), len(names)):
                raise ValueError(f"targets of {head} have shape {self.targets[head].shape}")
            if self.weights[head].shape != (len(self.lines),):
                raise ValueError(f"weights of {head} have shape {self.weights[head].shape}")
        if len(self.split) != len(self.lines) or not set(self.split.tolist()) <= set(SPLITS):
            raise ValueError("every line belongs to one of the splits")

    def choose_split(self, split: str) -> "TextExamples":
        """The lines of one split."""
        return self.choose_rows(np.flatnonzero(self.split == split))

    def choose_rows(self, rows: npt.NDArray[np.intp]) -> "TextExamples":
        """The lines with these numbers, in this order."""
        return TextExamples(
            lines=tuple(self.lines[row] for row in rows),
            targets={head: values[rows] for head, values in self.targets.items()},
            weights={head: values[rows] for head, values in self.weights.items()},
            split=self.split[rows],
        )
