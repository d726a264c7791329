"""Analyses for tests of whatever comes after the analysis: valid in every respect, random in what they say."""

import math
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.effects import Effects
from pipeline.features.causes import WORDS
from pipeline.types import (
    ASIDES,
    BOUNDARIES,
    CURVE_RANGE,
    CURVES,
    STREAMS,
    Analysis,
    Aside,
    Curves,
    Cut,
    Features,
    Line,
    Reason,
    Segment,
)


def make_analysis(
    duration_s: Fraction | float = Fraction(61, 2),
    *,
    seed: int = 0,
    cut_id: str | None = None,
    title: str = "A test",
    path: Path = Path("/films/a test.mp4"),
    streams: tuple[str, ...] = STREAMS,
    transcript_path: Path | None = None,
    start_timecode: str | None = None,
) -> Analysis:
    """Make an analysis of a film that does not exist.

    Args:
        duration_s: seconds, > 0.
        seed: of all that is random.
        cut_id: 16 hex digits; made of the seed if None.
        title: the cut's title.
        path: the cut's file.
        streams: which streams it has; the others are marked absent.
        transcript_path: the subtitle file given beside it.
        start_timecode: the cut's.

    Returns:
        The analysis, with all nine curves.
    """
    random = np.random.default_rng(seed)
    duration_s = Fraction(duration_s).limit_denominator(90_000)
    seconds = math.ceil(duration_s)
    has_picture = "frames" in streams
    cut = Cut(
        cut_id=cut_id or random.bytes(8).hex(),
        path=path,
        title=title,
        duration_s=duration_s,
        frame_rate=Fraction(24_000, 1001) if has_picture else None,
        start_timecode=start_timecode,
        width=640 if has_picture else 0,
        height=360 if has_picture else 0,
        streams=streams,
        transcript_path=transcript_path,
    )
    return Analysis(
        cut=cut,
        features=_make_features(random, seconds, streams),
        curves=_make_curves(random, seconds, streams),
        segments=tuple(_make_segment(random, float(duration_s)) for _ in range(3)),
        lines=(Line(start_s=0.25, end_s=0.75, text="Was „nun“? Sagt er, 'nichts', \"gar\" nichts."),)
        if "transcript" in streams
        else (),
        notes=tuple(f"There is no {name}." for name in STREAMS if name not in streams),
        effects=_make_effects(random, seconds, has_words="transcript" in streams),
        provenance={"curves": "random", "text": "random"},
    )


def _make_features(random: np.random.Generator, seconds: int, streams: tuple[str, ...]) -> Features:
    """Random measurements; rows of an absent stream are 0."""
    sizes = dict(zip(STREAMS, (4, 3, 2), strict=True))
    arrays: dict[str, Any] = {
        name: random.normal(size=(seconds, size)) * (name in streams) for name, size in sizes.items()
    }
    shots = np.unique(np.r_[0.0, random.integers(0, 24 * seconds, max(1, seconds // 4)) * 1001 / 24_000])
    starts = shots[shots < seconds - 0.9] if seconds > 1 else np.zeros(1)
    return Features(
        **arrays,
        present=np.tile([name in streams for name in STREAMS], (seconds, 1)),
        shot_starts_s=starts,
        columns={name: tuple(f"{name}_{i}" for i in range(size)) for name, size in sizes.items()},
        extractors={name: f"{name} 1" for name in STREAMS},
        draft=np.zeros(seconds, np.bool_),
        unmeasured=("frames_1",),
        details={
            name: np.where(random.uniform(size=seconds) < 0.1, np.nan, random.uniform(size=seconds))
            for name in ("sharpness", "face")
        },
        shot_kinds=tuple(random.choice(BOUNDARIES, len(starts)).tolist()),
        asides=(Aside(start_s=0.0, end_s=0.5 * seconds, kind=str(random.choice(ASIDES))),),
    )


def _make_effects(random: np.random.Generator, seconds: int, *, has_words: bool) -> Effects:
    """Random effects of what is said, and of one word of the line."""
    words = ("gar",) * has_words
    return Effects(
        causes=(WORDS,),
        read=dict.fromkeys(STREAMS, ()) | {"transcript": ("transcript_0",)},
        values=random.normal(scale=0.05, size=(seconds, len(CURVES), 1)).astype(np.float16),
        word_lines=np.zeros(len(words), np.int32),
        words=words,
        word_values=random.normal(scale=0.05, size=(len(words), len(CURVES))).astype(np.float16),
    )


def _make_curves(random: np.random.Generator, seconds: int, streams: tuple[str, ...]) -> Curves:
    """Random walks inside each curve's range, with a band of a tenth of it."""
    walk = np.cumsum(random.normal(scale=0.4, size=(seconds, len(CURVES))), axis=0)
    unit = 1 / (1 + np.exp(-walk))
    bottom, top = (np.array([CURVE_RANGE[name][edge] for name in CURVES]) for edge in (0, 1))
    values = (bottom + unit * (top - bottom)).astype(np.float32)
    band = (0.1 * (top - bottom)).astype(np.float32)
    shares = random.uniform(0.1, 1, size=(seconds, len(CURVES), 3)) * [name in streams for name in STREAMS]
    return Curves(
        names=CURVES,
        values=values,
        low=np.maximum(values - band, bottom.astype(np.float32)),
        high=np.minimum(values + band, top.astype(np.float32)),
        shares=shares / np.maximum(shares.sum(axis=-1, keepdims=True), 1e-9),
        model_id="random",
    )


def _make_segment(random: np.random.Generator, duration_s: float) -> Segment:
    """A random span whose score is the sum of its reasons."""
    start_s, end_s = sorted(float(share) * duration_s for share in random.uniform(size=2))
    weights = random.normal(size=2).round(3)
    reasons = tuple(
        Reason(name=name, weight=float(weight)) for name, weight in zip(("tension", "a laugh"), weights, strict=True)
    )
    return Segment(start_s=start_s, end_s=end_s, score=float(weights.sum()), reasons=reasons)
