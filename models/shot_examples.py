"""What the shot network is trained on: rows of films with known boundaries."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.spec import SHOT_KINDS

Floats = npt.NDArray[np.float32]

GRADUAL_WORTH = 2.0
"""How much a gradual boundary counts in training beside a sharp one: there are fewer of them, and they are harder."""


@dataclass(frozen=True, kw_only=True)
class ShotExamples:
    """Rows of one film, or of a stretch of one.

    Attributes:
        columns: (N, D) float32, what the network reads.
        boundary: (N,) float32, 1 in the first row of a shot, and in the middle of a gradual boundary.
        boundary_weight: (N,) float32, how much a row counts, 0 where nobody knows.
        kinds: (N,) int64, index into `SHOT_KINDS`.
        kind_weight: (N,) float32, 0 where there is no kind, or nobody knows it.
    """

    columns: Floats
    boundary: Floats
    boundary_weight: Floats
    kinds: npt.NDArray[np.int64]
    kind_weight: Floats


def label_rows(columns: Floats, transitions: Sequence[tuple[str, int, int, int]]) -> ShotExamples:
    """Label the rows of a film.

    A sharp boundary is one row, whose neighbours count neither for nor against: hand-made labels are that uncertain. Of a
    gradual one the middle quarter is boundary, together worth `GRADUAL_WORTH` sharp ones, and three quarters are left open:
    its middle is anyone's choice.

    Args:
        columns: (N, D) float32.
        transitions: kind, boundary row, first changed row and the row behind the last. The kind is one of `SHOT_KINDS`, or
            empty where it is not known.
    """
    rows = len(columns)
    boundary, boundary_weight = np.zeros(rows, np.float32), np.ones(rows, np.float32)
    kinds, kind_weight = np.zeros(rows, np.int64), np.zeros(rows, np.float32)
    believed = []
    for kind, row, start, stop in transitions:
        is_gradual = start < row < stop - 1
        open_rows = max(1, 3 * (stop - start) // 8) if is_gradual else 1
        span = slice(max(0, row - open_rows), row + open_rows + 1)
        if kind == "flash":
            span = slice(max(0, start - 1), stop + 2)
        else:
            boundary_weight[span] = 0
            sure_rows = (stop - start) // 8 if is_gradual else 0
            believed.append((slice(max(0, row - sure_rows), row + sure_rows + 1), 2 * sure_rows + 1))
        if kind:
            kinds[span], kind_weight[span] = SHOT_KINDS.index(kind), 1
    for span, count in believed:
        boundary[span], boundary_weight[span] = 1, 1 if count == 1 else GRADUAL_WORTH / count
    return ShotExamples(
        columns=columns, boundary=boundary, boundary_weight=boundary_weight, kinds=kinds, kind_weight=kind_weight
    )


def sample_rows(
    films: Sequence[tuple[ShotExamples, float]], *, crop_rows: int, batch: int, seed: int
) -> Iterator[ShotExamples]:
    """Draw batches of crops for ever.

    Args:
        films: films, each with how often it is drawn beside the others; at least `crop_rows` long.
        crop_rows: rows of a crop.
        batch: crops at once.
        seed: of the draw.

    Yields:
        Examples whose arrays have a batch axis in front.
    """
    random = np.random.default_rng(seed)
    chances = np.array([weight for _, weight in films], np.float64)
    chances /= chances.sum()
    names = ("columns", "boundary", "boundary_weight", "kinds", "kind_weight")
    while True:
        crops = []
        for index in random.choice(len(films), size=batch, p=chances):
            film = films[index][0]
            start = int(random.integers(len(film.columns) - crop_rows + 1))
            crops.append({name: getattr(film, name)[start : start + crop_rows] for name in names})
        yield ShotExamples(**{name: np.stack([crop[name] for crop in crops]) for name in names})
