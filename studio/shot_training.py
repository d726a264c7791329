"""Rebuilding and measuring the shot network: the `shots` of `train` and `evaluate`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from models.evaluate_shots import ShotScore, score_boundaries
from models.shot_examples import ShotExamples
from models.spec import ShotTraining
from pipeline.dataset.shots import FILM_SHOTS, label_studyforrest, make_examples, read_shot_list
from pipeline.dataset.studyforrest import SEGMENT_STARTS_S, read_evidence
from pipeline.errors import DataError, FilmError, ModelError
from pipeline.features.evidence import Evidence
from pipeline.features.shot_columns import COLUMNS
from pipeline.features.shots import ShotModel, find_boundaries, find_shots
from pipeline.types import GRID_HZ, Progress, Report

if TYPE_CHECKING:
    import keras

TOLERANCE_ROWS = 2
"""A boundary is found if it is no further off than this."""

GAP_S = 30
"""Seconds left out on either side of a held-out segment."""

SHIPPED, RULE = "shot_net (as shipped)", "rule of thumb on the hash alone"

CARD = """\
# Model card: {model_id}

Says for each of 25 rows a second how likely it is that a new shot begins there, and whether by a cut, a fade or a dissolve;
a flash it knows as none of them. Rebuild: `python -m studio train models/shot_net.toml`. Measure: `python -m studio evaluate shots`,
and `python -m benchmarks.shots` on made films. This card is written by the first of these commands.

## What it is
{members} networks of {parameters:,} weights each that differ by their seed, averaged: a convolution over five rows, a bidirectional GRU of
{recurrent} units a direction, a head for where and one for what kind. They read {columns} columns of a row: distances of perceptual
hashes and of the brightness of the picture's quadrants, across the border and on either side of it, over up to
21 rows. All of them rest on what studyforrest publishes, so that nothing is ever missing from one film that another has.

## Data and licence
- studyforrest: {known} hand-made shot starts of one feature film, in 6 of 8 segments (annotations CC0, measurements PDDL). The film itself
  was never seen. How a shot begins is not in the data.
- Big Buck Bunny (CC BY 3.0, Blender Foundation, peach.blender.org), the seconds {start_s} to {end_s} of one release: pieces of its shots, framed,
  graded and set moving anew, joined by cuts, jumps, fades (through black or white) and dissolves whose place and kind are known, with camera
  flashes, changes of light, shaking and whip pans that are no boundaries ({made} boundaries). The rest of that film was not used.

## Protocol and figures
studyforrest, one labelled segment left out with 30 s on either side of it; a boundary counts within {tolerance} rows (80 ms), each once.
The threshold is .5 because that is as likely as not. Two earlier recipes were seen on some of these segments, and on films made from
Big Buck Bunny's second half, before this one: that dissolves were missed there is why gradual boundaries are labelled and mixed as they
are. So the figures on gradual boundaries of `benchmarks/shots.py`, which uses that half, are somewhat optimistic. What else was tried stands in `docs/experiments.md`.

{table}

Films made from footage that was not trained on are measured by `benchmarks/shots.py`, beside PySceneDetect.

## Limits
- The hand-made starts have errors of their own: their noise has been put near an F1 of .956, which was not measured here.
- Live action it knows from one film, and gradual boundaries and flashes only from made ones, of an animated film.
- Wipes and morphs were never shown to it. Split screens and pictures within pictures neither.
- The picture is measured 25 times a second, so a boundary is exact to one row (40 ms); its time is that of the picture on show.
"""


@dataclass(frozen=True, kw_only=True)
class ShotRun:
    """A training run: how, with which seeds, and what footage films are made of."""

    training: ShotTraining
    seeds: tuple[int, ...]
    footage: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class _Film:
    """studyforrest: its measurements, its known starts in seconds, and both as labelled segments."""

    evidence: Evidence
    starts_s: npt.NDArray[np.float64]
    segments: list[ShotExamples]

    @property
    def labelled(self) -> tuple[int, ...]:
        """The segments that have starts."""
        return tuple(i for i, segment in enumerate(self.segments) if segment.boundary.any())


def read_shot_run(table: Mapping[str, Any]) -> ShotRun:
    """Read a training run from its TOML table.

    Raises:
        KeyError, TypeError, ValueError: something is missing, or no setting of that name exists.
    """
    if unknown := set(table["training"]) - {field.name for field in fields(ShotTraining)}:
        raise ValueError(f"unknown training settings: {', '.join(sorted(unknown))}")
    names = {"film", "start_s", "end_s", "films_per_chunk", "seed"}
    if set(table["footage"]) != names:
        raise ValueError(f"[footage] needs {', '.join(sorted(names))}")
    seeds = tuple(table["ensemble"]["seeds"])
    return ShotRun(training=ShotTraining(**table["training"]), seeds=seeds, footage=table["footage"])


def train_shots(run: ShotRun, data: Path, report: Report) -> Path:
    """Fill the table, train the members on all that is labelled, and write weights and card.

    Args:
        run: the training run.
        data: the folder of the data sets.
        report: called as the work goes along.

    Returns:
        The weights file.

    Raises:
        DataError: the data sets are not there.
    """
    film, made = _read_film(data), _make_films(run, data, report)
    from models.shot_net import WEIGHTS, load_shot_model, save_shot_model

    scores, members = _train_and_score(film, made, run, report, members=True)
    save_shot_model(members, COLUMNS, WEIGHTS)
    text = CARD.format(
        model_id=load_shot_model().model_id,
        members=len(members),
        parameters=members[0].count_params(),
        recurrent=run.training.recurrent_units,
        columns=len(COLUMNS),
        known=len(film.starts_s),
        made=len(made) * (FILM_SHOTS - 1),
        tolerance=TOLERANCE_ROWS,
        table=format_scores(scores),
        **{name: run.footage[name] for name in ("start_s", "end_s")},
    )
    WEIGHTS.with_suffix(".md").write_text(text)
    return WEIGHTS


def evaluate_shot_recipe(run: ShotRun, data: Path, report: Report) -> tuple[str, dict[str, Any]]:
    """Measure the recipe with one segment of studyforrest left out in turn: a table, and the same as JSON types."""
    film, made = _read_film(data), _make_films(run, data, report)
    scores, _ = _train_and_score(film, made, run, report, members=False)
    rows = {name: summarise_scores(row) for name, row in scores.items()}
    return format_scores(scores), {**rows[SHIPPED], "rows": rows}


def evaluate_shot_weights(data: Path, shots: Path | None, segments: Sequence[int]) -> tuple[str, dict[str, Any]]:
    """Score the shipped weights, the way they are used, against starts in the data set or in a file kept elsewhere.

    Args:
        data: the folder of the data sets.
        shots: CSV with a column `start`, seconds; None takes the data set's own.
        segments: which of the film's segments; empty takes all that have starts.

    Raises:
        DataError: a file is missing, or a segment has no starts.
        ModelError: the weights cannot be loaded.
    """
    film = _read_film(data, shots)
    chosen = tuple(dict.fromkeys(segments)) or film.labelled
    for segment in chosen:
        if segment not in film.labelled:
            raise DataError(
                f"Segment {segment} has no shots in this file.",
                f"Segments are counted from 0; those with shots are {', '.join(map(str, film.labelled))}.",
            )
    from models.shot_net import load_shot_model

    try:
        model = load_shot_model()
    except ValueError as error:
        raise ModelError(str(error), "Rebuild it with: python -m studio train models/shot_net.toml") from error
    found = find_shots(film.evidence, model=model).rows
    scores = {segment: _score_segment(found, film, segment) for segment in chosen}
    text = f"{model.model_id}\n\n{format_scores({SHIPPED: scores})}"
    if shots is None:
        text += "\n\nThe weights were trained on these very shots: this says that they work, not how well."
    return text, {**summarise_scores(scores), "model": model.model_id}


def format_scores(table: Mapping[str, Mapping[int, ShotScore]]) -> str:
    """The table in Markdown: F1 in each segment, then F1, precision and recall over all of them."""
    segments = list(next(iter(table.values())))
    head = ["", *(f"segment {segment}" for segment in segments), "F1", "precision", "recall"]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for name, scores in table.items():
        total = _add_scores(scores)
        figures = [*(score.f1 for score in scores.values()), total.f1, total.precision, total.recall]
        lines.append("| " + " | ".join([name, *(f"{figure:.3f}" for figure in figures)]) + " |")
    return "\n".join(lines)


def summarise_scores(scores: Mapping[int, ShotScore]) -> dict[str, Any]:
    """One row as JSON types: `f1`, `precision` and `recall` over all segments, and of each in `segments`."""

    def describe(score: ShotScore) -> dict[str, float]:
        return {"f1": round(score.f1, 4), "precision": round(score.precision, 4), "recall": round(score.recall, 4)}

    return {
        **describe(_add_scores(scores)),
        "segments": {str(segment): describe(score) for segment, score in scores.items()},
    }


def _add_scores(scores: Mapping[int, ShotScore]) -> ShotScore:
    """All segments as one."""
    return sum(scores.values(), ShotScore(hits=0, found=0, known=0))


def _read_film(data: Path, shots: Path | None = None) -> _Film:
    """Read studyforrest, with its own starts or others."""
    folder = data / "studyforrest"
    if not folder.is_dir():
        raise DataError(
            f"There is no studyforrest data in {data}.",
            "Point THROUGHLINE_DATA at the folder that holds studyforrest/; the README says where it is published.",
        )
    evidence, starts_s = read_evidence(folder), read_shot_list(shots or folder / "shots.csv")
    return _Film(evidence=evidence, starts_s=starts_s, segments=label_studyforrest(evidence, starts_s))


def _make_films(run: ShotRun, data: Path, report: Report) -> list[ShotExamples]:
    """Make films from the run's footage."""
    report(Progress(stage="Making films with known boundaries", done=0.0, position_s=0.0))
    footage = dict(run.footage)
    path = data / footage.pop("film")
    if not path.is_file():
        raise DataError(f"There is no film {path}.", "Fetch Big Buck Bunny; the README says where it is published.")
    made = [film for film in make_examples(path, **footage) if len(film.columns) >= run.training.crop_rows]
    if not made:
        raise FilmError(f"{path.name} has no shots to make films from there.", "Choose another stretch of it.")
    return made


def _train_and_score(
    film: _Film, made: Sequence[ShotExamples], run: ShotRun, report: Report, *, members: bool
) -> tuple[dict[str, dict[int, ShotScore]], "list[keras.Model]"]:
    """Train with each labelled segment left out in turn and score it, beside the rule of thumb; and, last, the members.

    Returns:
        The scores of both, and the networks trained on everything, if members are wanted.
    """
    from models.shot_net import ShotEnsemble
    from models.shot_net import ShotModel as KerasShotModel
    from models.train_shots import ShotTask, train_side_by_side

    left_out = [*film.labelled, *([-1] if members else [])]
    tasks = [
        ShotTask(real=leave_out(film.segments, segment), made=made, columns=COLUMNS, training=run.training, seed=seed)
        for segment in left_out
        for seed in run.seeds
    ]

    def count(done: int) -> None:
        share = 0.1 + 0.9 * done / len(tasks)
        report(Progress(stage=f"Training network {done} of {len(tasks)}", done=share, position_s=0.0))

    networks = train_side_by_side(tasks, report=count)
    by_rule = find_boundaries(film.evidence.norm_diff, film.evidence.picture_present)
    scores: dict[str, dict[int, ShotScore]] = {RULE: {}, SHIPPED: {}}
    for index, segment in enumerate(film.labelled):
        own = networks[index * len(run.seeds) : (index + 1) * len(run.seeds)]
        model: ShotModel = KerasShotModel(ShotEnsemble(own, COLUMNS), "shot_net")
        scores[SHIPPED][segment] = _score_segment(find_shots(film.evidence, model=model).rows, film, segment)
        scores[RULE][segment] = _score_segment(by_rule, film, segment)
    return scores, networks[len(film.labelled) * len(run.seeds) :]


def leave_out(segments: Sequence[ShotExamples], left_out: int) -> list[ShotExamples]:
    """The labelled segments but one, and without the seconds next to it; all of them for -1."""
    gap = GAP_S * GRID_HZ
    kept = []
    for index, segment in enumerate(segments):
        if index == left_out or not segment.boundary.any():
            continue
        rows = len(segment.columns)
        span = slice(
            gap if index == left_out + 1 and left_out >= 0 else 0, rows - gap if index == left_out - 1 else rows
        )
        kept.append(replace(segment, **{each.name: getattr(segment, each.name)[span] for each in fields(segment)}))
    return kept


def _score_segment(found: npt.NDArray[np.intp], film: _Film, segment: int) -> ShotScore:
    """Score found rows of the whole film within one segment."""
    start, stop = SEGMENT_STARTS_S[segment] * GRID_HZ, SEGMENT_STARTS_S[segment + 1] * GRID_HZ
    known = np.rint(film.starts_s * GRID_HZ)
    found, known = (rows[(rows >= start) & (rows < stop)] for rows in (found, known))
    return score_boundaries(found, known, tolerance=TOLERANCE_ROWS)
