"""studyforrest: one feature film, rated every second by about nine observers, as features and ratings.

Source: Labs et al., "Portrayed emotions in the movie Forrest Gump", F1000Research 4:92 (2015); Haeusler & Hanke,
"An annotation of cuts, depicted locations, and temporal progression", F1000Research 5:2273 (2016). The film itself
is not part of the data set and is not needed: its measurements are.
"""

import csv
import gzip
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

from models.examples import CurveExamples
from pipeline.errors import DataError
from pipeline.features.evidence import Evidence
from pipeline.features.extract import describe_evidence
from pipeline.features.transcript import TextModel
from pipeline.types import CURVES, GRID_HZ, STREAMS, Features, Floats, Line

SECONDS = 7085
SEGMENT_STARTS_S = (0, 891, 1759, 2619, 3578, 4488, 5349, 6418, SECONDS)
"""The eight segments the film was shown in, as whole seconds."""

CONFOUND_OFFSETS_S = (0.04, 886.04, 1752.12, 2612.20, 3572.24, 4480.32, 5342.40, 6410.48)
"""The film time of the first row of each segment's measurements."""

EMOTION_GROUPS: Mapping[str, tuple[str, ...]] = {
    "joy": ("happiness", "happyfor", "satisfaction", "gratification", "pride", "hope", "gloating"),
    "love": ("love", "admiration", "gratitude", "compassion"),
    "fear": ("fear", "fearsconfirmed"),
    "anger": ("angerrage", "hate", "contempt", "resentment"),
    "sadness": ("sadness", "disappointment", "remorse", "shame"),
    "relief": ("relief",),
}
"""How the 22 rated emotions make up the six curves: the sum of their columns, at most 1."""

RATERS_R: Mapping[str, float] = {"arousal": 0.40, "valence": 0.72, "fear": 0.58, "tension": 0.69}
"""How well other observers' ratings of the film's sound alone (same study) follow these ratings: Pearson's r."""

UNEASE = ("fear", "angerrage", "hate", "fearsconfirmed")
"""The emotions whose sum, at most 1, is U in the tension proxy."""


def read_ratings(path: Path) -> Floats:
    """Read a file of ratings and make the curves from it.

    Tension was not rated. It is a proxy fixed before training: (U + max(arousal, 0) + max(-valence, 0)) / 3 with
    U = min(1, fear + angerrage + hate + fearsconfirmed). The ratings' arousal in [-1, 1] is mapped to [0, 1].

    Args:
        path: CSV in the format of studyforrest's `emotions_av_1s.csv`: row i is second i.

    Returns:
        (T, C) float32 in the order of `CURVES`; NaN in rows with an empty cell.

    Raises:
        DataError: the file is missing, or lacks a column.
    """
    needed = {"arousal", "valence", *UNEASE, *(name for group in EMOTION_GROUPS.values() for name in group)}
    try:
        with path.open(newline="") as file:
            rows = list(csv.DictReader(file))
        if not rows:
            raise ValueError("it is empty")
        rated = {name: np.array([float(row[name] or "nan") for row in rows], np.float32) for name in needed}
    except (OSError, KeyError, ValueError, TypeError) as error:
        raise DataError(
            f"{path} is not a file of studyforrest ratings ({error!r}).",
            "It needs a header with arousal, valence and the 22 emotions, and one row a second.",
        ) from error
    arousal, valence = rated["arousal"], rated["valence"]
    unease = np.minimum(sum(rated[name] for name in UNEASE), 1)
    curves = {
        "tension": (unease + np.maximum(arousal, 0) + np.maximum(-valence, 0)) / 3,
        "arousal": (arousal + 1) / 2,
        "valence": valence,
    }
    for name, group in EMOTION_GROUPS.items():
        curves[name] = np.minimum(sum(rated[column] for column in group), 1)
    return np.stack([curves[name] for name in CURVES], axis=1).astype(np.float32)


def load_features(folder: Path, *, text_model: TextModel) -> Features:
    """Describe the film's 7,085 seconds, by the code that describes any film.

    Args:
        folder: the studyforrest folder.
        text_model: reads the affect of the dialogue.

    Raises:
        DataError: a file is missing or not as expected.
    """
    return describe_evidence(read_evidence(folder), read_dialogue(folder), text_model=text_model)


def join_examples(features: Features, ratings: Floats) -> CurveExamples:
    """Join the film's features with ratings of it, cut into the eight segments.

    Args:
        features: T seconds.
        ratings: (T, C) from `read_ratings`.

    Raises:
        DataError: the ratings are of another length.
    """
    if len(ratings) != features.seconds:
        raise DataError(
            f"The ratings have {len(ratings)} rows, the film {features.seconds} seconds.",
            "Give a file with one row for each second of the film, in order.",
        )
    return CurveExamples(
        streams={name: getattr(features, name) for name in STREAMS},
        present=features.present.astype(np.float32),
        ratings=ratings,
        columns={name: tuple(features.columns[name]) for name in STREAMS},
        curves=CURVES,
        blocks=tuple(pairwise(SEGMENT_STARTS_S)),
    )


def read_dialogue(folder: Path) -> tuple[Line, ...]:
    """Read the film's English dialogue.

    Args:
        folder: the studyforrest folder.

    Returns:
        Its lines, in order of start.

    Raises:
        DataError: the file is missing or not as expected.
    """
    path = folder / "english_dialog.csv"
    rows = _read_rows(path, ",")
    with _explain_damage(path):
        lines = [Line(start_s=float(r["start"]), end_s=float(r["end"]), text=r["text"]) for r in rows]
    return tuple(sorted(lines, key=lambda line: line.start_s))


def read_evidence(folder: Path) -> Evidence:
    """Read the film's 25 Hz measurements.

    Neighbouring segments overlap by about 8 s, where the earlier one is taken. The data set gives the quadrants'
    brightness as mean, top minus bottom and left minus right; the quadrants are restored with no difference along the
    diagonals, which no feature looks at.

    Args:
        folder: the studyforrest folder.

    Returns:
        Measurements of 7,085 s.

    Raises:
        DataError: a file is missing or not as expected.
    """
    values, present = {}, {}
    for name in ("brmean", "brud", "brlr", "normdiff", "rms", "lrdiff", "phash"):
        values[name], present[name] = _join_confound(folder, name)
    return Evidence(
        quadrants=_restore_quadrants(values["brmean"], values["brud"], values["brlr"]),
        phash=values["phash"].astype(np.uint8),
        norm_diff=values["normdiff"],
        rms=values["rms"],
        lrdiff=values["lrdiff"],
        picture_present=present["brmean"] & present["phash"],
        sound_present=present["rms"],
        picture_times_s=np.arange(SECONDS * GRID_HZ) / GRID_HZ,
    )


def read_shot_starts(folder: Path) -> npt.NDArray[np.float64]:
    """Read the hand-made shot starts: (N,) seconds; seconds without ratings hold none.

    Raises:
        DataError: the file is missing or not as expected.
    """
    path = folder / "shots.csv"
    rows = _read_rows(path, ",")
    with _explain_damage(path):
        return np.array([float(row["start"]) for row in rows])


def _restore_quadrants(mean: Floats, vertical: Floats, horizontal: Floats) -> Floats:
    """(N,) mean, top - bottom, left - right -> (N, 4) upper left, upper right, lower left, lower right."""
    signs = [(1, 1), (1, -1), (-1, 1), (-1, -1)]
    return np.stack([mean + v * vertical / 4 + h * horizontal / 4 for v, h in signs], axis=1)


def _join_confound(folder: Path, name: str) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Join the eight segments of one measurement: rows (25 T,) or, of hashes, (25 T, 18), and which are known."""
    rows = SECONDS * GRID_HZ
    joined = np.zeros((rows, 18) if name == "phash" else rows, np.float32)
    known = np.zeros(rows, np.bool_)
    for segment, offset_s in enumerate(CONFOUND_OFFSETS_S):
        path = folder / "confounds" / f"fg_av_ger_seg{segment}_{name}.tsv.gz"
        table = _read_rows(path, "\t")
        with _explain_damage(path):
            texts = [list(row.values())[2] for row in table]
            values = np.array([list(bytes.fromhex(text)) for text in texts] if name == "phash" else texts, np.float32)
        at = np.arange(len(values)) + round(offset_s * GRID_HZ)
        new = (at < rows) & ~known[np.minimum(at, rows - 1)]
        joined[at[new]] = values[new]
        known[at[new]] = True
    return joined, known


@contextmanager
def _explain_damage(path: Path) -> Iterator[None]:
    """Turn what goes wrong with the cells of a file into a `DataError` that names it."""
    try:
        yield
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise DataError(
            f"The studyforrest file {path.name} is not as published ({error!r}).", "Fetch the data set again."
        ) from error


def _read_rows(path: Path, delimiter: str) -> list[dict[str, str]]:
    try:
        with gzip.open(path, "rt") if path.suffix == ".gz" else path.open(newline="") as file:
            return list(csv.DictReader(file, delimiter=delimiter))
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise DataError(
            f"The studyforrest file {path.name} cannot be read ({error}).",
            "Point THROUGHLINE_DATA at the folder that holds studyforrest/; the README says where it is published.",
        ) from error
