"""What the rules of breakdown bins stand on: a film with what is barred from it, and the segments made of what they find."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.moments.columns import describe_looks, rank_share, read_column, read_detail
from pipeline.moments.edges import touches_spans
from pipeline.types import Bools, Curves, Features, Line, Reason, Segment

Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Film:
    """A film as the rules see it.

    Attributes:
        features: its measurements.
        curves: its curves.
        lines: its dialogue.
        end_s: where it ends.
        barred: asides and hard spoiler zones, seconds.
        open: (T,) bool, the seconds outside those.
        story: (T,) bool, the seconds outside asides, beside which everything is measured.
        speech: (T,) bool, the seconds in which anything is said; without a transcript nothing is known to be.
    """

    features: Features
    curves: Curves
    lines: tuple[Line, ...]
    end_s: float
    barred: tuple[tuple[float, float], ...]
    open: Bools
    story: Bools
    speech: Bools

    def share(self, stream: str, name: str) -> Doubles:
        """The share of the film's seconds that lie below each second, by a column: (T,), NaN where unknown."""
        return rank_share(read_column(self.features, stream, name), self.story)

    def touches_barred(self, starts_s: Doubles, ends_s: Doubles) -> Bools:
        """Say which stretches share any time with an aside or a hard zone: (N,) bool."""
        return touches_spans(starts_s, ends_s, self.barred)


def make_find(start_s: float, end_s: float, parts: Mapping[str, float]) -> Segment:
    """A segment whose score is the mean of its parts, each 0 to 1."""
    reasons = tuple(
        Reason(name=name, weight=float(value) / len(parts), value=float(value))
        for name, value in parts.items()
        if np.isfinite(value)
    )
    return Segment(start_s=start_s, end_s=end_s, score=float(sum(r.weight for r in reasons)), reasons=reasons)


def make_runs(
    film: Film,
    mask: npt.NDArray[np.bool_],
    parts: Mapping[str, Doubles],
    *,
    shortest: int = 1,
    longest: int,
    length_s: float = 0.0,
) -> list[Segment]:
    """Make a segment of every run of open seconds in a mask; a longer run is cut to the best `longest` seconds of it.

    Args:
        film: the film.
        mask: (T,) bool.
        parts: (T,) each, 0 to 1; their mean over the run is the part.
        shortest: seconds; shorter runs are left out.
        longest: seconds.
        length_s: if not 0, the length itself is a part, full from here on.
    """
    padded = np.r_[False, mask & film.open, False].astype(np.int8)
    starts, ends = np.flatnonzero(np.diff(padded) == 1), np.flatnonzero(np.diff(padded) == -1)
    worth = np.nansum([np.nan_to_num(row) for row in parts.values()], axis=0)
    found = []
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        if end - start < shortest:
            continue
        if end - start > longest:
            sums = np.convolve(worth[start:end], np.ones(longest), mode="valid")
            start += int(sums.argmax())
            end = start + longest
        stop_s = min(float(end), film.end_s)
        values = {
            name: float(np.nanmean(row[start:end])) for name, row in parts.items() if np.isfinite(row[start:end]).any()
        }
        if length_s:
            values["long"] = min((stop_s - start) / length_s, 1.0)
        found.append(make_find(float(start), stop_s, values))
    return found


def drop_barred(film: Film, found: list[Segment]) -> list[Segment]:
    """Leave out what touches an aside or a hard zone."""
    starts, ends = np.array([s.start_s for s in found]), np.array([s.end_s for s in found])
    return [segment for segment, barred in zip(found, film.touches_barred(starts, ends), strict=True) if not barred]


def list_open_lines(film: Film) -> list[Line]:
    """The lines with words in them, inside the film and outside asides and hard zones."""
    spoken = [
        line
        for line in film.lines
        if any(c.isalnum() for c in line.text) and line.text.lstrip()[0] not in "[(♪" and line.start_s < film.end_s
    ]
    barred = film.touches_barred(np.array([a.start_s for a in spoken]), np.array([a.end_s for a in spoken]))
    return [line for line, is_barred in zip(spoken, barred, strict=True) if not is_barred]


def read_details(film: Film, *names: str) -> list[Doubles]:
    """Details by name, each (T,)."""
    return [read_detail(film.features, name).astype(np.float64) for name in names]


def average_known(values: Doubles) -> float:
    """The mean of the values that are known, NaN where none is."""
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else float("nan")


def average_line(values: Doubles, line: Line) -> float:
    """The mean over the seconds in which a line is said; NaN where nothing is known."""
    rows = values[int(line.start_s) : max(int(np.ceil(line.end_s)), int(line.start_s) + 1)]
    return average_known(rows)


def smooth_seconds(values: npt.NDArray[np.floating], width: int) -> Doubles:
    """The mean over so many seconds around each one, of those that are known: (T,), NaN where none is."""
    known = np.isfinite(values)
    total, count = (
        np.convolve(row, np.ones(width))[width // 2 :][: len(values)] for row in (np.where(known, values, 0), known)
    )
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def measure_changes(film: Film, starts_s: Doubles) -> Doubles:
    """How far the ten seconds behind each instant differ from the ten before, root mean square: (N,)."""
    rows = describe_looks(film.features, film.story)
    sums = np.concatenate([np.zeros((1, rows.shape[1])), np.cumsum(rows, axis=0)])
    at = np.clip(np.round(starts_s).astype(np.intp), 0, len(rows))
    before, after = np.maximum(at - 10, 0), np.minimum(at + 10, len(rows))
    behind = (sums[after] - sums[at]) / np.maximum(after - at, 1)[:, None]
    ahead = (sums[at] - sums[before]) / np.maximum(at - before, 1)[:, None]
    changed: Doubles = np.sqrt(((behind - ahead) ** 2).mean(axis=1))
    return changed
