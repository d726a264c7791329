"""Films made of numbers for tests of choosing moments: even and dull but for what a test puts in."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np

from pipeline.features import audio, frames
from pipeline.types import CURVE_RANGE, CURVES, Analysis, Aside, Curves, Cut, Features, Line


def make_film(
    seconds: float | Fraction = 120,
    *,
    rate: Fraction = Fraction(24),
    shots_s: Sequence[float] | None = None,
    lines: Sequence[Line] = (),
    asides: Sequence[Aside] = (),
    curves: Mapping[str, Mapping[tuple[int, int], float]] | None = None,
    columns: Mapping[str, Mapping[tuple[int, int], float]] | None = None,
    details: Mapping[str, np.ndarray] | None = None,
    streams: tuple[str, ...] = ("frames", "audio", "transcript"),
) -> Analysis:
    """Make the analysis of a film in which nothing stands out but what is given.

    Args:
        seconds: how long it is.
        rate: frames a second.
        shots_s: where shots begin; every four seconds if None.
        lines: its dialogue.
        asides: what is not the film itself.
        curves: by name, values from one second to another; 0.2 elsewhere.
        columns: by name, values likewise of picture or sound columns; 0.3 elsewhere.
        details: by name, (T,).
        streams: which streams it has.
    """
    duration_s = Fraction(seconds)
    count = -(-duration_s.numerator // duration_s.denominator)
    values = np.full((count, len(CURVES)), 0.2, np.float32)
    for name, spans in (curves or {}).items():
        for span, value in spans.items():
            values[slice(*span), CURVES.index(name)] = np.clip(value, *CURVE_RANGE[name])
    arrays = {"frames": np.full((count, len(frames.COLUMNS)), 0.3, np.float32)}
    arrays["audio"] = np.full((count, len(audio.COLUMNS)), 0.3, np.float32)
    names = {"frames": frames.COLUMNS, "audio": audio.COLUMNS, "transcript": ("speech",)}
    for name, spans in (columns or {}).items():
        stream = "frames" if name in frames.COLUMNS else "audio"
        for span, value in spans.items():
            arrays[stream][slice(*span), names[stream].index(name)] = value
    arrays["transcript"] = np.zeros((count, 1), np.float32)
    present = np.tile([stream in streams for stream in arrays], (count, 1))
    for i, stream in enumerate(arrays):
        arrays[stream] *= present[:, i : i + 1]
    starts = np.arange(0, float(duration_s), 4.0) if shots_s is None else np.array(shots_s, np.float64)
    return Analysis(
        cut=Cut(
            cut_id="0" * 16,
            path=Path("/films/even.mp4"),
            title="Even",
            duration_s=duration_s,
            frame_rate=rate if "frames" in streams else None,
            start_timecode=None,
            width=640 if "frames" in streams else 0,
            height=360 if "frames" in streams else 0,
            streams=streams,
        ),
        features=Features(
            **arrays,
            present=present,
            shot_starts_s=starts,
            columns=names,
            extractors={},
            draft=np.zeros(count, np.bool_),
            details=details or {},
            asides=tuple(asides),
        ),
        curves=Curves(
            names=CURVES,
            values=values,
            low=values,
            high=values,
            shares=np.zeros((*values.shape, 3), np.float32),
            model_id="even",
        ),
        lines=tuple(lines),
    )
