"""Columns of a film's features by name: what is absent, or not measured yet, is NaN."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from pipeline.types import STREAMS, Bools, Features, Floats, Line

Doubles = npt.NDArray[np.float64]

AROUND = (
    *("shot_age", "shot_length", "shot_length_around", "returns", "recurrence", "shot_drift", "darkness"),
    *("unsteadiness", "floor_around", "pulse", "swell"),
)
"""Columns of picture and sound that speak of what stands around a second, or say again what another one says: two moments
are not alike for them."""


def read_column(features: Features, stream: str, name: str) -> Floats:
    """Read a column of a stream.

    Args:
        features: the film.
        stream: one of `STREAMS`.
        name: the column's name.

    Returns:
        (T,) float32; NaN where the stream is absent, where a draft has not measured it, or where there is no such column.
    """
    if name not in features.columns[stream]:
        return np.full(features.seconds, np.nan, np.float32)
    known = features.present[:, STREAMS.index(stream)]
    if name in features.unmeasured:
        known = known & ~features.draft
    values = getattr(features, stream)[:, features.columns[stream].index(name)]
    return np.where(known, values, np.nan).astype(np.float32)


def read_detail(features: Features, name: str) -> Floats:
    """Read a detail: (T,) float32, NaN where it was not measured."""
    values: Floats = features.details.get(name, np.full(features.seconds, np.nan, np.float32))
    return values


def find_story(features: Features) -> Bools:
    """Say which seconds belong to the film itself: (T,) bool, all of them where asides leave none."""
    middles = np.arange(features.seconds) + 0.5
    story = np.ones(features.seconds, np.bool_)
    for aside in features.asides:
        story &= (middles < aside.start_s) | (middles >= aside.end_s)
    return story if story.any() else np.ones_like(story)


def find_speech(lines: Sequence[Line], seconds: int) -> Bools:
    """Say in which seconds anything is said: (T,) bool."""
    speech = np.zeros(seconds, np.bool_)
    for line in lines:
        speech[max(int(line.start_s), 0) : int(np.ceil(line.end_s))] = True
    return speech


def stand_out(values: npt.NDArray[np.floating], among: Bools, *, least: float = 0.0) -> Doubles:
    """Scale values to how far they stand out of a film: 0 at the median or below, 1 at the 99th percentile or above.

    Where the 99th percentile is the median, and no least distance was given, the highest value is 1.

    Args:
        values: (T,), may hold NaN.
        among: (T,) bool, the seconds that make the percentiles.
        least: a median and a 99th percentile closer together than this are taken to be this far apart.

    Returns:
        (T,) float64 in 0..1; NaN stays NaN; 0 throughout where nothing moves.
    """
    known = values[among & np.isfinite(values)].astype(np.float64)
    if not len(known):
        return np.full(len(values), np.nan)
    median, top = np.percentile(known, (50, 99))
    spread = max(float(top - median), least)
    if spread < 1e-9:
        spread = float(known.max() - median)
    scaled = np.zeros(len(values)) if spread < 1e-9 else np.clip((values - median) / spread, 0, 1)
    return np.where(np.isfinite(values), scaled, np.nan)


def rank_share(values: npt.NDArray[np.floating], among: Bools) -> Doubles:
    """Give each value the share of the film's seconds that lie below it: (T,) float64 in 0..1, NaN stays NaN."""
    known = np.sort(values[among & np.isfinite(values)])
    if not len(known):
        return np.full(len(values), np.nan)
    below = np.searchsorted(known, values, side="left") + np.searchsorted(known, values, side="right")
    return np.where(np.isfinite(values), below / (2 * len(known)), np.nan)


def describe_looks(features: Features, among: Bools) -> Doubles:
    """Standardise what picture and sound are like in each second, for saying how alike two moments are.

    Every column of picture and sound but those that speak of what stands around it, and every detail, less its mean over
    the film and divided by its deviation, within four deviations; 0 where it was not measured.

    Args:
        features: the film.
        among: (T,) bool, the seconds that make mean and deviation.

    Returns:
        (T, D) float64.
    """
    columns = [
        read_column(features, stream, name)
        for stream in ("frames", "audio")
        for name in features.columns[stream]
        if name not in AROUND
    ]
    columns += [read_detail(features, name) for name in sorted(features.details)]
    rows = np.stack(columns, axis=1).astype(np.float64) if columns else np.zeros((features.seconds, 1))
    known = np.isfinite(rows)
    weight = known & among[:, None]
    count = np.maximum(weight.sum(axis=0), 1)
    mean = np.where(weight, rows, 0).sum(axis=0) / count
    deviation = np.sqrt((np.where(weight, rows - mean, 0) ** 2).sum(axis=0) / count)
    scaled = np.where(known, rows - mean, 0) / np.maximum(deviation, 1e-6)
    return np.clip(np.where(deviation > 1e-6, scaled, 0), -4, 4)
