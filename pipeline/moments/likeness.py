"""How like one another moments are by what encoders make of them, where a cut was encoded."""

import numpy as np

from pipeline.encodings import Encodings
from pipeline.moments.columns import Doubles
from pipeline.moments.parts import LOOKS, Windows
from pipeline.types import STREAMS, Bools, Floats


def encode_looks(starts_s: Doubles, ends_s: Doubles, encodings: Encodings, *, story: Bools) -> Floats:
    """Give each moment a direction by the vectors of its seconds, as `Candidates.looks` has it.

    A stream's vectors are taken from the film's mean, along the `LOOKS` axes on which its seconds differ most, and
    brought to a mean length of 1, so that picture, sound and words count alike. A moment's are the means over those of
    its seconds in which there is something to encode.

    Args:
        starts_s: (N,) seconds.
        ends_s: (N,) exclusive.
        encodings: of the whole cut, T rows.
        story: (T,) bool, the seconds that make mean and axes.

    Returns:
        (N, K) float32 of length 1, or 0 where nothing was encoded.
    """
    windows = Windows(starts_s, ends_s, len(story))
    looks = [np.zeros((len(starts_s), 1))]
    for i, stream in enumerate(STREAMS):
        here = encodings.present[:, i] & story
        if not here.any():
            continue
        rows = getattr(encodings, stream).astype(np.float64)
        rows -= rows[here].mean(axis=0)
        rows = rows @ np.linalg.eigh(rows[here].T @ rows[here])[1][:, ::-1][:, :LOOKS]
        rows /= max(float(np.linalg.norm(rows[here], axis=1).mean()), 1e-6)
        looks.append(windows.average(np.where(encodings.present[:, i : i + 1], rows, np.nan)))
    directions = np.concatenate(looks, axis=1)
    lengths = np.linalg.norm(directions, axis=1, keepdims=True)
    return np.where(lengths > 1e-6, directions / np.maximum(lengths, 1e-6), 0).astype(np.float32)
