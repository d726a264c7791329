"""Where one shot ends and the next begins: what the shot network says of every row, and the rule of thumb beside it.

The rule still counts the cuts and the ages of shots among the columns that the curve network reads: it was trained on them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from pipeline.errors import ModelError
from pipeline.features.evidence import Evidence
from pipeline.features.shot_columns import COLUMNS, describe_rows
from pipeline.types import BOUNDARIES, Bools, Floats

BOUNDARY_RISE = 0.16
"""How far a change of picture stands above its neighbours to be a boundary; chosen on studyforrest's hand-made shots."""

NEIGHBOURS = 2
"""Grid rows on either side that a boundary is compared with, so that shaking and flicker are no boundaries."""


class ShotModel(Protocol):
    """The network as this stage sees it: `models.shot_net` in the app.

    Attributes:
        model_id: which weights these are.
        columns: names of the D columns it was trained on.
        kinds: names of its K kinds, those of `BOUNDARIES` among them.
    """

    @property
    def model_id(self) -> str: ...  # noqa: D102

    @property
    def columns(self) -> tuple[str, ...]: ...  # noqa: D102

    @property
    def kinds(self) -> tuple[str, ...]: ...  # noqa: D102

    def predict(self, columns: Floats) -> Mapping[str, Floats]:
        """Run a batch of windows.

        Args:
            columns: (B, N, D) float32.

        Returns:
            `boundary` (B, N), the probability that a shot begins with the row, and `kinds` (B, N, K), float32.
        """
        ...


@dataclass(frozen=True, kw_only=True)
class ShotOptions:
    """How a film is fed to the network, and how its answer is read.

    Attributes:
        window_rows: rows of a window.
        margin_rows: rows at either end of a window that are left to its neighbour, except at the ends of the film.
        batch: windows run at once, which bounds memory.
        threshold: the least probability of a boundary: as likely as not.
        apart_rows: the least distance of two boundaries.
    """

    window_rows: int = 512
    margin_rows: int = 64
    batch: int = 32
    threshold: float = 0.5
    apart_rows: int = 4


@dataclass(frozen=True, kw_only=True)
class Shots:
    """The shots of a film.

    Attributes:
        rows: (K,) grid rows at which they begin, ascending; the first row with a picture is the first.
        kinds: how each begins, one of `BOUNDARIES`.
    """

    rows: npt.NDArray[np.intp]
    kinds: tuple[str, ...]


def find_shots(evidence: Evidence, *, model: ShotModel, options: ShotOptions | None = None) -> Shots:
    """Find the shots of a film with the network.

    A boundary is a row whose probability reaches the threshold and is the highest in its neighbourhood and in its stretch of
    rows that reach it. Its kind is the likeliest of `BOUNDARIES` there.

    Args:
        evidence: the film's measurements, N rows.
        model: the network.
        options: windows and threshold.

    Returns:
        The shots; none without a picture.

    Raises:
        ModelError: the network was trained on other measurements.
    """
    options = options or ShotOptions()
    if tuple(model.columns) != COLUMNS:
        raise ModelError(
            f"The weights {model.model_id} were trained on other picture measurements than this version makes.",
            "Rebuild them with: python -m studio train models/shot_net.toml",
        )
    shown = np.flatnonzero(evidence.picture_present)
    if not len(shown):
        return Shots(rows=shown, kinds=())
    boundary, kinds = predict_rows(evidence, model=model, options=options)
    peaks = pick_peaks(np.where(evidence.picture_present, boundary, 0), options)
    peaks = peaks[peaks >= shown[0] + options.apart_rows]
    named = kinds[:, [model.kinds.index(name) for name in BOUNDARIES]]
    chosen = [BOUNDARIES[k] for k in named[peaks].argmax(axis=1)]
    return Shots(rows=np.concatenate([shown[:1], peaks]), kinds=("cut", *chosen))


def predict_rows(evidence: Evidence, *, model: ShotModel, options: ShotOptions) -> tuple[Floats, Floats]:
    """Run the network over a film in overlapping windows; each row is told by the window that it lies deepest in.

    Args:
        evidence: N rows.
        model: the network.
        options: windows.

    Returns:
        The probability of a boundary (N,), and of each kind (N, K), float32.
    """
    rows = len(evidence.rms)
    width = min(options.window_rows, rows)
    hop = max(1, options.window_rows - 2 * options.margin_rows)
    starts = [*range(0, rows - width, hop), rows - width]
    boundary, kinds = np.zeros(rows, np.float32), np.zeros((rows, len(model.kinds)), np.float32)
    told = 0
    for first in range(0, len(starts), options.batch):
        batch = starts[first : first + options.batch]
        described = describe_rows(evidence, batch[0], batch[-1] + width)
        windows = np.stack([described[start - batch[0] : start - batch[0] + width] for start in batch])
        outputs = model.predict(windows)
        for start, where, what in zip(batch, outputs["boundary"], outputs["kinds"], strict=True):
            stop = rows if start + width == rows else start + width - options.margin_rows
            boundary[told:stop], kinds[told:stop] = (
                where[told - start : stop - start],
                what[told - start : stop - start],
            )
            told = stop
    return boundary, kinds


def pick_peaks(probability: Floats, options: ShotOptions) -> npt.NDArray[np.intp]:
    """Pick the rows of boundaries.

    Args:
        probability: (N,) float32.
        options: threshold and distance.

    Returns:
        (K,) rows, ascending.
    """
    reach = np.flatnonzero(probability >= options.threshold)
    # A stretch of rows that all reach the threshold is one boundary, however long: a dissolve has no sharp middle.
    stretches = np.split(reach, np.flatnonzero(np.diff(reach) > 1) + 1) if len(reach) else []
    peaks = np.array([stretch[probability[stretch].argmax()] for stretch in stretches], np.intp)
    kept: list[int] = []
    for peak in peaks[np.argsort(-probability[peaks], kind="stable")]:
        if all(abs(int(peak) - other) >= options.apart_rows for other in kept):
            kept.append(int(peak))
    return np.array(sorted(kept), np.intp)


def find_boundaries(norm_diff: Floats, present: Bools, *, rise: float = BOUNDARY_RISE) -> npt.NDArray[np.intp]:
    """Find the grid rows at which a new shot begins.

    A row is a boundary where its hash distance to the row before exceeds the largest distance among its
    `NEIGHBOURS` on either side by more than a rise. Fades and dissolves are not found by this rule.

    Args:
        norm_diff: (N,) float32 in [0, 1], hash distance to the row before.
        present: (N,) bool, rows that show a picture.
        rise: how far it has to stand above its neighbours.

    Returns:
        (K,) rows, ascending; the first row with a picture is always the first; empty without any picture.
    """
    shown = np.flatnonzero(present)
    if not len(shown):
        return shown
    padded = np.pad(norm_diff, NEIGHBOURS)
    around = np.stack(
        [padded[NEIGHBOURS + k : NEIGHBOURS + k + len(norm_diff)] for k in range(-NEIGHBOURS, NEIGHBOURS + 1) if k != 0]
    )
    boundary = (norm_diff - around.max(axis=0) > rise) & present
    boundary[: shown[0]] = False
    boundary[shown[0]] = True
    return np.flatnonzero(boundary)
