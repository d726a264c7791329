"""The transcript stream: what is said in each second, how fast, and how it feels."""

import re
from collections.abc import Sequence
from typing import Protocol

import numpy as np

from pipeline.types import Bools, Floats, Line

VERSION = "2"
PAUSE_CAP_S = 60.0
"""Pauses longer than this are all the same to a viewer."""

HARM = re.compile(
    r"\b(die|died|dead|kill|killed|shot|shoot|gun|war|hurt|sick|blood|hell|damn|god|leave|lost|sorry|hate|fight|cry|afraid"
    r"|cold)\b",
    re.IGNORECASE,
)
"""English words of death, danger and loss, and oaths."""

TIMING_COLUMNS = (
    *("speech", "speech_rate", "line_words", "pause_before", "pause_after", "question", "exclamation"),
    "harm",
)
PAUSES = [TIMING_COLUMNS.index(name) for name in ("pause_before", "pause_after")]
SPEECH = TIMING_COLUMNS.index("speech")


class TextModel(Protocol):
    """What reads the affect of lines: `models.text_net` in the app."""

    model_id: str
    columns: tuple[str, ...]

    def read_lines(self, lines: Sequence[str]) -> Floats:
        """Give each line its affect: (N, D) float32, D named by `columns`."""
        ...


def describe_lines(lines: Sequence[Line], seconds: int, *, text_model: TextModel) -> tuple[Floats, Bools]:
    """Describe the dialogue of each second.

    A line's affect is spread over the seconds in which it is spoken, weighted by the share of the second it covers.
    `speech` is that share, at most 1; `speech_rate` words a second; `line_words` log(1 + words) of the line;
    `pause_before` and `pause_after` log(1 + s) to the nearest speech, capped at 60 s; `harm` words of `HARM` a second.

    Args:
        lines: timed lines, in order of start.
        seconds: T.
        text_model: what reads their affect.

    Returns:
        Columns (T, Dt) float32 and present (T,) bool: true throughout, for a pause in a film that has a transcript
        is something it says; false throughout when there is not one line.
    """
    columns = np.zeros((seconds, len(name_columns(text_model))), np.float32)
    if not lines:
        return columns, np.zeros(seconds, np.bool_)
    vectors = text_model.read_lines([line.text for line in lines])
    columns[:] = spread_lines(lines, vectors, 0, seconds)
    columns[:, PAUSES] = _measure_pauses(lines, seconds)
    return columns, np.ones(seconds, np.bool_)


def spread_lines(lines: Sequence[Line], vectors: Floats, first: int, last: int) -> Floats:
    """Spread lines over some seconds of a film: all columns but the pauses, which are 0.

    Args:
        lines: the lines that are spoken there, in order of start; others count for nothing.
        vectors: their affect (N, D).
        first: the first of the seconds.
        last: the second behind the last of them.

    Returns:
        (last - first, 8 + D) float32.
    """
    timing = np.zeros((last - first, len(TIMING_COLUMNS)), np.float32)
    affect = np.zeros((last - first, vectors.shape[1]), np.float32)
    weight = np.zeros(last - first, np.float32)
    for line, vector in zip(lines, vectors, strict=True):
        words = len(line.text.split())
        length_s = max(line.end_s - line.start_s, 0.2)
        harm = len(HARM.findall(line.text)) / length_s
        asked, shouted = "?" in line.text, "!" in line.text
        details = np.array([1, words / length_s, np.log1p(words), 0, 0, asked, shouted, harm], np.float32)
        for t in range(max(int(line.start_s), first), min(int(np.ceil(line.end_s)), last)):
            share = min(line.end_s, t + 1) - max(line.start_s, t)
            timing[t - first] += share * details
            affect[t - first] += share * vector
            weight[t - first] += share
    timing[:, 2:-1] /= np.maximum(weight, 1e-3)[:, None]
    timing[:, 0] = np.minimum(timing[:, 0], 1)
    affect /= np.maximum(weight, 1.0)[:, None]
    return np.concatenate([timing, affect], axis=1)


def name_columns(text_model: TextModel) -> tuple[str, ...]:
    """The names of the transcript's columns: timing first, then the model's."""
    return (*TIMING_COLUMNS, *text_model.columns)


def _measure_pauses(lines: Sequence[Line], seconds: int) -> Floats:
    """log(1 + s) since the last speech ended and until the next begins, at the middle of each second: (T, 2)."""
    middle = np.arange(seconds) + 0.5
    starts = np.array([line.start_s for line in lines])
    ends = np.maximum.accumulate([line.end_s for line in lines])
    begun = np.searchsorted(starts, middle, side="right")
    since = np.where(begun > 0, middle - ends[np.maximum(begun - 1, 0)], PAUSE_CAP_S)
    until = np.where(begun < len(starts), starts[np.minimum(begun, len(starts) - 1)] - middle, PAUSE_CAP_S)
    speaking = since <= 0
    until = np.where(speaking, 0, until)
    pauses: Floats = np.log1p(np.clip(np.stack([since, until], axis=1), 0, PAUSE_CAP_S)).astype(np.float32)
    return pauses
