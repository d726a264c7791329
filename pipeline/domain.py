"""Whether a cut is of the kind that the curves were learned from, stream by stream, and what to say where it is not.

Only what neither grading nor mastering moves is looked at: how a film is cut, how it moves, what its picture is made of, how
its sound comes and goes, how people talk. The means over five minutes are set against those of the training film. That
tells a drone, a slide show or wall-to-wall music. It does not tell animation, whose rhythm may be any film's, so the faces
that are found in the stills are counted too.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.types import STREAM_WORDS, STREAMS, Features, Floats

PIECE_S = 300
HOP_S = 75
"""Means are taken over pieces of so many seconds, so far apart."""

FARTHEST = 4.0
"""No column counts for more deviations than this."""

STEADIEST = 0.05
"""A column's mean over five minutes is never taken to vary by less, as a share of its deviation over seconds."""

MARGIN = 1.1
"""The limit is so many times what the farthest left-out part of the training film reaches."""

FACES = 0.1
"""In a film with people in it a face is found in more of the seconds than this; a judgement, for the training film's picture
is not to be had."""

FACES_S = 30
"""Nothing is said of faces in fewer seconds."""

MOVED_BY_MASTERING: Mapping[str, tuple[str, ...]] = {
    "frames": (
        *("brightness", "darkness", "brightness_spread", "brightness_change", "brightness_jump"),
        *("top_over_bottom", "left_over_right", "side_contrast"),
    ),
    "audio": (
        *("loudness", "loudness_peak", "loudness_floor", "floor_around", "loudness_change", "silence", "swell"),
        *("side_balance", "stereo_width"),
    ),
    "transcript": (),
}


class Domain(NamedTuple):
    """What five minutes of the training film are like in one stream.

    Attributes:
        mean: (D,), of the pieces' means.
        deviation: (D,), of the pieces' means, > 0.
        limit: the distance from which on a cut is of another kind.
    """

    mean: Floats
    deviation: Floats
    limit: float


def learn_domain(columns: Floats, names: Sequence[str], stream: str, blocks: Sequence[tuple[int, int]]) -> Domain:
    """Learn a stream's domain from the training film.

    The limit is `MARGIN` times the largest distance of a block from the other blocks.

    Args:
        columns: (T, D).
        names: of the D columns.
        stream: one of `STREAMS`.
        blocks: first and last second (exclusive) of the film's parts, two at least.
    """
    steady = STEADIEST * columns.std(axis=0)
    pieces = [_average_pieces(columns[start:end]) for start, end in blocks]

    def fit(parts: Sequence[Floats]) -> tuple[Floats, Floats]:
        rows = np.concatenate(parts)
        return rows.mean(axis=0), np.maximum(np.hypot(rows.std(axis=0), steady), 1e-6)

    distances = []
    for i, part in enumerate(pieces):
        mean, deviation = fit([*pieces[:i], *pieces[i + 1 :]])
        left_out = Domain(mean=mean, deviation=deviation, limit=0.0)
        distances.append(_measure_distance(part, left_out, names, stream, seconds=PIECE_S))
    mean, deviation = fit(pieces)
    return Domain(mean=mean, deviation=deviation, limit=MARGIN * max(distances))


def measure_domain(features: Features, domains: Mapping[str, tuple[Floats, Floats, float]]) -> dict[str, float]:
    """Measure how far a cut is from the training film in each stream it has, as a share of the limit.

    Args:
        features: the cut; what a draft has not measured is left out.
        domains: of each stream.

    Returns:
        By stream, 1 and more where it is of another kind.
    """
    shares = {}
    for i, stream in enumerate(STREAMS):
        rows = getattr(features, stream)[features.present[:, i] & ~features.draft]
        if len(rows):
            pieces = _average_pieces(rows)
            domain, seconds = Domain(*domains[stream]), min(len(rows), PIECE_S)
            distance = _measure_distance(pieces, domain, features.columns[stream], stream, seconds=seconds)
            shares[stream] = distance / domain.limit
    return shares


def write_warnings(features: Features, domains: Mapping[str, tuple[Floats, Floats, float]]) -> tuple[str, ...]:
    """Say in full sentences in which streams a cut is not of the kind that the curves were learned from.

    Args:
        features: the cut.
        domains: of each stream.
    """
    kinds = {
        "frames": "its cutting, movement and shapes are",
        "audio": "the way it swells, strikes and pauses is",
        "transcript": "how much is said, and how, is",
    }
    warnings = [
        f"The {STREAM_WORDS[stream]} of this cut {'are' if stream == 'transcript' else 'is'} unlike the film that the curves "
        f"were learned from: {kinds[stream]} farther from it than any part of that film is from the rest. What the curves make "
        "of it is a guess."
        for stream, share in measure_domain(features, domains).items()
        if share > 1
    ]
    faces = features.details.get("face", np.zeros(0, np.float32))
    seen = faces[np.isfinite(faces)]
    if len(seen) >= FACES_S and (seen > 0).mean() < FACES:
        warnings.append(
            f"Hardly a human face was found in the picture (in {(seen > 0).mean():.0%} of the seconds). The curves were learned "
            "from a film with people in it; of animation, landscape or graphics they know nothing."
        )
    return tuple(warnings)


def _average_pieces(columns: Floats) -> Floats:
    """The means of pieces of `PIECE_S`; of the whole, where it is shorter: (T, D) -> (N, D)."""
    starts = range(0, max(len(columns) - PIECE_S, 0) + 1, HOP_S)
    means: Floats = np.stack([columns[start : start + PIECE_S].mean(axis=0) for start in starts])
    return means


def _measure_distance(pieces: Floats, domain: Domain, names: Sequence[str], stream: str, *, seconds: int) -> float:
    """The mean over pieces and columns of how many deviations a mean is off; a short piece may be off by more."""
    kept: npt.NDArray[np.bool_] = np.array([name not in MOVED_BY_MASTERING[stream] for name in names])
    off = np.abs(pieces - domain.mean) / (domain.deviation * np.sqrt(PIECE_S / seconds))
    return float(np.minimum(off[:, kept], FARTHEST).mean())
