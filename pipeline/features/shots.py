"""Where one shot ends and the next begins, from the perceptual hashes alone."""

import numpy as np
import numpy.typing as npt

from pipeline.types import Bools, Floats

BOUNDARY_RISE = 0.16
"""How far a change of picture stands above its neighbours to be a boundary; chosen on studyforrest's hand-made shots."""

NEIGHBOURS = 2
"""Grid rows on either side that a boundary is compared with, so that shaking and flicker are no boundaries."""


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
