"""Rows with known shot boundaries: the hand-made ones of studyforrest, and films made from pieces of real shots."""

import csv
import itertools
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from models.shot_examples import ShotExamples, label_rows
from pipeline.dataset.studyforrest import SEGMENT_STARTS_S
from pipeline.dataset.transitions import PIECE_ROWS, MadeFilm, compose_film
from pipeline.errors import DataError
from pipeline.features.details import PICTURE_DETAILS, SOUND_DETAILS
from pipeline.features.evidence import Evidence, PictureEvidence, SoundEvidence, join_evidence
from pipeline.features.measure import measure_pixels
from pipeline.features.shot_columns import COLUMNS, describe_rows
from pipeline.features.shots import find_boundaries
from pipeline.streams.probe import probe_cut
from pipeline.streams.read import open_streams, read_pictures
from pipeline.types import GRID_HZ, LEVEL_BANDS, Bytes

LONGEST_PIECE_ROWS = 250

FILM_SHOTS = 20
"""Shots of a made film."""

_SPLIT_RISE = 0.1
"""Lower than where a boundary is believed: a piece must hold none."""

_GRADUAL_ACROSS, _GRADUAL_DETOUR = 0.28, 0.35
"""Where the picture changes for good over a second without moving to and fro, a dissolve may lie."""

_TRIMMED_ROWS = 4


def read_shot_list(path: Path) -> npt.NDArray[np.float64]:
    """Read where shots start.

    Args:
        path: CSV with a column `start`, seconds.

    Returns:
        (N,) seconds, ascending.

    Raises:
        DataError: it cannot be read, or is not such a file.
    """
    try:
        with path.open(newline="") as file:
            starts = np.array([float(row["start"]) for row in csv.DictReader(file)])
        if not len(starts) or not np.isfinite(starts).all():
            raise ValueError("it holds no starts")
    except (OSError, UnicodeDecodeError, KeyError, TypeError, ValueError) as error:
        raise DataError(
            f"{path} is not a list of shots ({error!r}).", "It needs a column named start, in seconds, a row a shot."
        ) from error
    return np.sort(starts)


def label_studyforrest(evidence: Evidence, starts_s: npt.NDArray[np.float64]) -> list[ShotExamples]:
    """Label the film's rows, segment by segment.

    Kinds are not known: the data set tells only where shots start.

    Args:
        evidence: from `read_evidence`.
        starts_s: from `read_shot_list`.

    Returns:
        One for each of the eight segments; those without starts have no weight.
    """
    rows = np.rint(starts_s * GRID_HZ).astype(int)
    columns = describe_rows(evidence, 0, len(evidence.rms))
    labelled = label_rows(columns, [("", int(row), int(row), int(row)) for row in rows])
    segments = []
    for start_s, end_s in itertools.pairwise(SEGMENT_STARTS_S):
        span = slice(start_s * GRID_HZ, end_s * GRID_HZ)
        names = ("columns", "boundary", "boundary_weight", "kinds", "kind_weight")
        part = ShotExamples(**{name: getattr(labelled, name)[span] for name in names})
        if not part.boundary.any():
            part = replace(part, boundary_weight=np.zeros_like(part.boundary_weight))
        segments.append(part)
    return segments


def make_examples(
    path: Path, *, start_s: float, end_s: float, films_per_chunk: int, seed: int
) -> Iterator[ShotExamples]:
    """Make films from the shots of a real one, and label them. At most two minutes of pictures are in memory at once.

    Args:
        path: the real film.
        start_s: where the stretch of it begins that may be used.
        end_s: where it ends.
        films_per_chunk: made films for each minute or so.
        seed: of everything.

    Raises:
        FilmError: the film cannot be read.
    """
    random = np.random.default_rng(seed)
    earlier: list[Bytes] = []
    for pixels in _read_stretches(path, start_s, end_s):
        pieces = cut_pieces(pixels)
        pool = [*earlier, *pieces]
        if len(pool) >= 2:
            for _ in range(films_per_chunk):
                yield label_film(compose_film(pool, random, shots=FILM_SHOTS))
        earlier = pieces


def label_film(film: MadeFilm) -> ShotExamples:
    """Measure a made film as any film is, and label its rows."""
    evidence = measure_film(film.pixels)
    columns = describe_rows(evidence, 0, len(film.pixels))
    return label_rows(columns, [(each.kind, each.row, each.start, each.stop) for each in film.transitions])


def measure_film(pixels: Bytes) -> Evidence:
    """Measure pictures that are on show 25 times a second, without sound.

    Args:
        pixels: (N, H, W, 3) uint8 RGB.

    Returns:
        Measurements of N rows and as many without a picture as make the last second whole.
    """
    measured = [measure_pixels(pixels[i : i + 64]) for i in range(0, len(pixels), 64)]
    seconds = -(-len(pixels) // GRID_HZ)
    rows = seconds * GRID_HZ
    picture = PictureEvidence(
        first_row=0,
        quadrants=np.concatenate([quadrants for quadrants, _ in measured]),
        phash=np.concatenate([phash for _, phash in measured]),
        centre=np.zeros((len(pixels), 18), np.uint8),  # No two made films are compared.
        contrast=np.zeros(len(pixels), np.uint8),
        present=np.ones(len(pixels), np.bool_),
        times_s=np.arange(len(pixels)) / GRID_HZ,
        head="",
        tail="",
        still_seconds=np.zeros(0, np.int64),
        still_details=np.zeros((0, len(PICTURE_DETAILS)), np.float32),
        jpegs=np.zeros(0, np.uint8),
        jpeg_ends=np.zeros(0, np.int64),
    )
    silence = SoundEvidence(
        rms=np.zeros(rows, np.float32),
        lrdiff=np.zeros(rows, np.float32),
        levels=np.zeros((rows, LEVEL_BANDS), np.uint8),
        present=np.zeros(rows, np.bool_),
        details=np.full((seconds, len(SOUND_DETAILS)), np.nan, np.float32),
    )
    return join_evidence([picture], silence)


def cut_pieces(pixels: Bytes) -> list[Bytes]:
    """Cut pictures of a real film into pieces without any boundary: where one might be, the film is cut and trimmed.

    Args:
        pixels: (N, H, W, 3) uint8 RGB, in order.

    Returns:
        Pieces of at least `PIECE_ROWS` pictures.
    """
    evidence = measure_film(pixels)
    columns = dict(zip(COLUMNS, describe_rows(evidence, 0, len(pixels)).T, strict=True))
    doubtful = np.zeros(len(pixels), np.bool_)
    sharp = find_boundaries(evidence.norm_diff, evidence.picture_present, rise=_SPLIT_RISE)
    doubtful[sharp] = True
    # Around a sharp one the picture changes for good as well.
    sharp_near = np.convolve(doubtful, np.ones(27), "same") > 0
    gradual = (columns["hash_across_12"] > _GRADUAL_ACROSS) & (columns["hash_detour_12"] < _GRADUAL_DETOUR)
    doubtful |= gradual & ~sharp_near
    edges = np.flatnonzero(doubtful)
    pieces = []
    for start, stop in zip([0, *edges], [*edges, len(pixels)], strict=True):
        for first in range(start + _TRIMMED_ROWS, stop - _TRIMMED_ROWS, LONGEST_PIECE_ROWS):
            piece = pixels[first : min(stop - _TRIMMED_ROWS, first + LONGEST_PIECE_ROWS)]
            if len(piece) >= PIECE_ROWS and piece.std() > 12:  # Black, and titles on it, are no shots.
                pieces.append(piece)
    return pieces


def _read_stretches(path: Path, start_s: float, end_s: float) -> Iterator[Bytes]:
    """Read the pictures of a film between two instants, a chunk at a time: (N, H, W, 3) uint8."""
    streams = open_streams(probe_cut(path))
    for chunk in streams.chunks:
        if chunk.start_s >= end_s or (chunk.stop_s is not None and chunk.stop_s <= start_s):
            continue
        kept = [
            batch.pixels[(batch.times_s >= start_s) & (batch.times_s < end_s)]
            for batch in read_pictures(streams, chunk, threads=1)
        ]
        if sum(map(len, kept)) >= PIECE_ROWS:
            yield np.concatenate(kept)
