"""What is measured of each candidate: the parts of its score, each from 0 to 1."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from pipeline.moments.candidates import ORDER
from pipeline.moments.columns import (
    describe_looks,
    find_speech,
    find_story,
    read_column,
    read_detail,
    stand_out,
)
from pipeline.types import CURVES, Bools, Bytes, Curves, Features, Floats, Line

Doubles = npt.NDArray[np.float64]

MOVES = 0.1
"""A curve whose median and 99th percentile are closer than this hardly moves in this film, and is not blown up."""

CLOSE_UP = 0.5
"""A face of half the picture's height is a close-up."""

ENOUGH_WORDS = 6
"""From this many words on a line counts in full."""

BLACK, TITLE_BLACK = 0.9, 0.7
"""A picture of which this share is dark is a dark one; of titles, white on black, some more is light."""

BLURRED = 1.5
"""A sharpness below this is a blurred picture's."""

LOOKS = 12
"""How many directions are kept of how moments differ from the film's mean."""


class Windows:
    """Means and peaks of per-second values over candidates.

    A candidate takes the seconds whose middle lies in it; one so short that there is none takes the second it begins in.
    """

    def __init__(self, starts_s: Doubles, ends_s: Doubles, seconds: int) -> None:
        """Choose each candidate's seconds.

        Args:
            starts_s: (N,) seconds.
            ends_s: (N,) exclusive.
            seconds: T.
        """
        self.first = np.clip(np.ceil(starts_s - 0.5).astype(np.intp), 0, seconds - 1)
        self.end = np.clip(np.ceil(ends_s - 0.5).astype(np.intp), 1, seconds)
        alone = self.end <= self.first
        self.first[alone] = np.minimum(starts_s[alone].astype(np.intp), seconds - 1)
        self.end[alone] = self.first[alone] + 1

    def average(self, values: npt.NDArray[np.floating]) -> Doubles:
        """The mean over each candidate's seconds that are not NaN, 0 where all are: (T, ...) -> (N, ...)."""
        known = np.isfinite(values)
        total, count = (
            np.concatenate([np.zeros((1, *values.shape[1:])), np.cumsum(rows, axis=0, dtype=np.float64)])
            for rows in (np.where(known, values, 0), known)
        )
        found: Doubles = (total[self.end] - total[self.first]) / np.maximum(count[self.end] - count[self.first], 1)
        return found

    def find_peaks(self, values: npt.NDArray[np.floating]) -> Doubles:
        """The largest of each candidate's seconds, NaN counted as 0: (T,) -> (N,)."""
        if not len(self.first):
            return np.zeros(0)
        padded = np.append(np.where(np.isfinite(values), values, 0), 0).astype(np.float64)
        peaks: Doubles = np.maximum.reduceat(padded, np.stack([self.first, self.end], axis=1).ravel())[::2]
        return peaks


def measure_parts(
    starts_s: Doubles, ends_s: Doubles, features: Features, curves: Curves, lines: Sequence[Line]
) -> tuple[Floats, Bytes, Floats, tuple[str, ...]]:
    """Measure every part of every candidate.

    Args:
        starts_s: (N,) seconds.
        ends_s: (N,) exclusive.
        features: the film.
        curves: its curves.
        lines: its dialogue.

    Returns:
        Parts (N, P) float32 in 0..1 in the order of `ORDER`, the emotion that stands out most (N,) as an index into
        `list_emotions`, looks (N, K) float32, and the parts for which there is no measurement.
    """
    windows, story = Windows(starts_s, ends_s, features.seconds), find_story(features)
    parts = np.zeros((len(starts_s), len(ORDER)), np.float32)
    unmeasured = []

    def put(name: str, seconds: Doubles, reduce: Callable[[Doubles], Doubles]) -> None:
        parts[:, ORDER.index(name)] = reduce(seconds)
        if not np.isfinite(seconds).any():
            unmeasured.append(name)

    tension = curves.curve("tension")
    put("tension_peak", stand_out(tension, story, least=MOVES), windows.find_peaks)
    parts[:, ORDER.index("tension_rise")] = _measure_rise(tension, story, windows)
    emotions, strengths = _choose_emotions(curves, story, windows)
    parts[:, ORDER.index("emotion")] = strengths
    put("face", np.minimum(read_detail(features, "face") / CLOSE_UP, 1), windows.average)
    put("sound", _find_events(features, story), windows.find_peaks)
    parts[:, ORDER.index("whole_line")] = _count_words(starts_s, ends_s, lines)
    if not lines:
        unmeasured.append("whole_line")
    put("credits", _find_titles(features, lines), windows.average)
    put("dark", _find_dark(features), windows.average)
    sharpness = read_detail(features, "sharpness")
    put("blur", np.where(np.isfinite(sharpness), sharpness < BLURRED, np.nan), windows.average)
    rarity, looks = _compare_looks(features, story, windows)
    parts[:, ORDER.index("rarity")] = rarity
    return parts, emotions, looks, tuple(unmeasured)


def list_emotions(curves: Curves) -> tuple[str, ...]:
    """The curves that are emotions: all but tension, arousal and valence."""
    return tuple(name for name in curves.names if name not in CURVES[:3])


def _measure_rise(tension: Floats, story: Bools, windows: Windows) -> Doubles:
    """How far tension rises from first to last second, as a share of what the film ranges over: (N,)."""
    low, high = np.percentile(tension[story], (1, 99))
    rise = (tension[windows.end - 1] - tension[windows.first]).astype(np.float64)
    return np.asarray(np.clip(rise / max(float(high - low), MOVES), 0, 1))


def _choose_emotions(curves: Curves, story: Bools, windows: Windows) -> tuple[Bytes, Doubles]:
    """The emotion that stands out most in each candidate, and how far: (N,) and (N,)."""
    names = list_emotions(curves)
    if not names:
        return np.zeros(len(windows.first), np.uint8), np.zeros(len(windows.first))
    scaled = np.stack([stand_out(curves.curve(name), story, least=MOVES) for name in names], axis=1)
    means = windows.average(scaled)
    return means.argmax(axis=1).astype(np.uint8), np.asarray(means.max(axis=1))


def _find_events(features: Features, story: Bools) -> Doubles:
    """How sudden and how loud the sound of each second is beside the film's: (T,).

    The steepest rise within 80 ms where it was measured, else the rise from the second before; times the loudness.
    """
    rise = read_detail(features, "rise_db")
    if not np.isfinite(rise).any():
        rise = read_column(features, "audio", "loudness_change")
    loudness = read_column(features, "audio", "loudness_peak")
    if not np.isfinite(loudness).any():
        return stand_out(rise, story)
    return stand_out(rise, story) * stand_out(loudness, story)


def _count_words(starts_s: Doubles, ends_s: Doubles, lines: Sequence[Line]) -> Doubles:
    """Words spoken from a line's beginning to its end, 1 from `ENOUGH_WORDS` on: (N,). No candidate breaks a line."""
    ordered = sorted(lines, key=lambda line: line.start_s)
    begins = np.array([line.start_s for line in ordered])
    words = np.r_[0, np.cumsum([sum(any(c.isalnum() for c in word) for word in line.text.split()) for line in ordered])]
    spoken = words[np.searchsorted(begins, ends_s, "left")] - words[np.searchsorted(begins, starts_s, "left")]
    return np.asarray(np.minimum(spoken / ENOUGH_WORDS, 1))


def _find_titles(features: Features, lines: Sequence[Line]) -> Doubles:
    """Which seconds look like titles that are marked as no aside: (T,) 0 or 1, NaN without the details.

    Mostly black, with edges but without a face, in the first tenth or the last 15 % of the cut, and nothing is said.
    """
    dark, edges, face = (read_detail(features, name) for name in ("dark", "edges", "face"))
    place = (np.arange(features.seconds) + 0.5) / features.seconds
    titles = (dark >= TITLE_BLACK) & (edges >= 0.005) & (face == 0) & ((place < 0.1) | (place > 0.85))
    titles &= ~find_speech(lines, features.seconds)
    return np.where(np.isfinite(dark + edges + face), titles, np.nan)


def _find_dark(features: Features) -> Doubles:
    """Which seconds are nearly black: (T,) 0 or 1, by the detail, or by the brightness where that was not measured."""
    dark, brightness = read_detail(features, "dark"), read_column(features, "frames", "brightness")
    by_brightness = np.where(np.isfinite(brightness), brightness < 0.05, np.nan)
    return np.where(np.isfinite(dark), dark >= BLACK, by_brightness)


def _compare_looks(features: Features, story: Bools, windows: Windows) -> tuple[Doubles, Floats]:
    """How unlike the film each candidate is, and its direction from the film's mean: (N,) and (N, K).

    Unlike: the root mean square of its standardised measurements, 0 at the candidates' median and 1 at their 99th
    percentile. The direction is taken among the `LOOKS` along which the film's seconds differ most.
    """
    rows = describe_looks(features, story)
    covariance = rows[story].T @ rows[story] / max(int(story.sum()), 1)
    axes = np.linalg.eigh(covariance)[1][:, ::-1][:, :LOOKS]
    unlike = np.sqrt((windows.average(rows) ** 2).mean(axis=1))
    looks = windows.average(rows @ axes)
    lengths = np.linalg.norm(looks, axis=1, keepdims=True)
    looks = np.where(lengths > 1e-6, looks / np.maximum(lengths, 1e-6), 0)
    everyone = np.ones(len(unlike), np.bool_)
    return stand_out(unlike, everyone) if len(unlike) else unlike, looks.astype(np.float32)
