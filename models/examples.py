"""What the curve network is trained on and judged by: tensors of one rated film."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.spec import SPEECH, STREAMS

Floats = npt.NDArray[np.float32]
Inputs = dict[str, Floats]

GAP_S = 30
"""Seconds left out on either side of a held-out block, because neighbouring seconds are near-copies."""


@dataclass(frozen=True, kw_only=True)
class ColumnStatistics:
    """What a film's columns are like over the seconds that a network is trained on.

    Attributes:
        mean: for each stream (D,), over the seconds in which it is present.
        deviation: for each stream (D,), likewise.
        usual_line: (D,) of the transcript, what a column is, a second of speech.
    """

    mean: Mapping[str, Floats]
    deviation: Mapping[str, Floats]
    usual_line: Floats


@dataclass(frozen=True, kw_only=True)
class CurveExamples:
    """One rated film.

    Attributes:
        streams: for each stream its columns (T, D) float32.
        present: (T, 3) float32 of 0 and 1.
        ratings: (T, C) float32, NaN where nobody rated.
        columns: for each stream the names of its columns.
        curves: names of the C curves.
        blocks: for each block its first and last second (exclusive); rated or not, in order.
    """

    streams: Mapping[str, Floats]
    present: Floats
    ratings: Floats
    columns: Mapping[str, tuple[str, ...]]
    curves: tuple[str, ...]
    blocks: tuple[tuple[int, int], ...]

    @property
    def rated(self) -> npt.NDArray[np.bool_]:
        """(T,) whether a second was rated."""
        return np.asarray(np.isfinite(self.ratings).all(axis=1))

    @property
    def rated_blocks(self) -> tuple[int, ...]:
        """Indices of the blocks of which at least half was rated."""
        return tuple(i for i, (start, end) in enumerate(self.blocks) if self.rated[start:end].mean() >= 0.5)

    def spans_without(self, held_out: int | None) -> list[tuple[int, int]]:
        """The rated blocks less the held-out one and the gap around it.

        Args:
            held_out: index of the block left out; None keeps all.

        Returns:
            First and last second (exclusive) of each span.
        """
        spans = []
        for i in self.rated_blocks:
            start, end = self.blocks[i]
            if i == held_out:
                continue
            if held_out is not None:
                left, right = self.blocks[held_out]
                if start >= right:
                    start = max(start, right + GAP_S)
                if end <= left:
                    end = min(end, left - GAP_S)
            spans.append((start, end))
        return spans

    def measure_columns(self, spans: Sequence[tuple[int, int]]) -> ColumnStatistics:
        """Measure the columns over some spans; those of a stream that is absent have mean 0 and deviation 1."""
        seconds = np.concatenate([np.arange(*span) for span in spans])
        mean, deviation = {}, {}
        for i, name in enumerate(STREAMS):
            rows = self.streams[name][seconds[self.present[seconds, i] > 0]].astype(np.float64)
            width = self.streams[name].shape[1]
            mean[name] = (rows.mean(axis=0) if len(rows) else np.zeros(width)).astype(np.float32)
            deviation[name] = (rows.std(axis=0) if len(rows) else np.ones(width)).astype(np.float32)
        lines, names = self.streams["transcript"][seconds], self.columns["transcript"]
        spoken = lines[:, names.index(SPEECH)].sum() if SPEECH in names else 0.0
        usual = lines.sum(axis=0, dtype=np.float64) / max(float(spoken), 1.0)
        return ColumnStatistics(mean=mean, deviation=deviation, usual_line=usual.astype(np.float32))

    def slice_inputs(self, start: int, end: int) -> Inputs:
        """The network's inputs for a span, as a batch of one: arrays (1, end - start, ...)."""
        inputs = {name: self.streams[name][None, start:end] for name in STREAMS}
        inputs["present"] = self.present[None, start:end]
        return inputs

    def keep_streams(self, names: Sequence[str]) -> "CurveExamples":
        """The same film as if only these streams existed."""
        kept = np.array([name in names for name in STREAMS], np.float32)
        return CurveExamples(
            streams=self.streams,
            present=self.present * kept,
            ratings=self.ratings,
            columns=self.columns,
            curves=self.curves,
            blocks=self.blocks,
        )


def sample_crops(
    examples: CurveExamples, spans: Sequence[tuple[int, int]], *, crop_s: int, batch: int, seed: int
) -> Iterator[tuple[Inputs, Floats, Floats]]:
    """Draw batches of crops for ever, each crop inside one span, long spans more often.

    Args:
        examples: the rated film.
        spans: where crops may lie.
        crop_s: length of a crop; shorter spans are drawn whole and padded with absent, unrated seconds.
        batch: B, crops a batch.
        seed: of the draw.

    Yields:
        Inputs (B, crop_s, ...), ratings (B, crop_s, C) with 0 where unrated, and their weight (B, crop_s).
    """
    draw = np.random.default_rng(seed)
    lengths = np.array([end - start for start, end in spans], float)
    while True:
        inputs = {
            name: np.zeros((batch, crop_s, array.shape[1]), np.float32) for name, array in examples.streams.items()
        }
        inputs["present"] = np.zeros((batch, crop_s, len(STREAMS)), np.float32)
        ratings = np.zeros((batch, crop_s, len(examples.curves)), np.float32)
        weight = np.zeros((batch, crop_s), np.float32)
        for row, span in enumerate(draw.choice(len(spans), batch, p=lengths / lengths.sum())):
            first, last = spans[span]
            start = int(draw.integers(first, max(last - crop_s, first) + 1))
            end = min(start + crop_s, last)
            for name, array in examples.slice_inputs(start, end).items():
                inputs[name][row, : end - start] = array[0]
            rated = examples.rated[start:end]
            weight[row, : end - start] = rated
            ratings[row, : end - start] = np.where(rated[:, None], examples.ratings[start:end], 0)
        yield inputs, ratings, weight
