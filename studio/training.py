"""Rebuilding and measuring the shipped models: `train` and `evaluate` of the command line."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from models.spec import CurveTraining
from pipeline.curves import predict_curves
from pipeline.dataset import studyforrest
from pipeline.errors import DataError, FilmError, ModelError
from pipeline.types import Features, Report
from studio.curve_training import find_studyforrest, load_film, run_table, train_curves
from studio.settings import Settings
from studio.shot_training import ShotRun, evaluate_shot_recipe, evaluate_shot_weights, read_shot_run, train_shots
from studio.text_training import evaluate_text, load_text, train_text

if TYPE_CHECKING:
    from models.examples import CurveExamples

MODELS = Path(__file__).parent.parent / "models"
CURVES_TOML = MODELS / "curve_net.toml"
SHOTS_TOML = MODELS / "shot_net.toml"


@dataclass(frozen=True, kw_only=True)
class EvaluateOptions:
    """What to measure.

    Attributes:
        shipped: score the shipped weights, unchanged, in place of the recipe.
        ratings: with it, a ratings file to score against; None takes the data set's own.
        segments: with it, which of the film's eight segments, counted from 0; empty takes all that are labelled.
        lines: with it, a file of labelled lines to score the text network against.
        shots: with it, a file of shot starts to score the shot network against.
    """

    shipped: bool = False
    ratings: Path | None = None
    segments: tuple[int, ...] = ()
    lines: Path | None = None
    shots: Path | None = None


@dataclass(frozen=True, kw_only=True)
class EvaluationReport:
    """What came out: `text` for people, `values` for machines."""

    text: str
    values: Mapping[str, Any]


def train_from_toml(toml: Path, settings: Settings, report: Report) -> Path:
    """Train a shipped model anew, and write its weights, and its card, to `models/weights/`.

    Args:
        toml: the training run; its top level names the `kind`, `curves`, `shots` or `text`.
        settings: where the data sets are.
        report: called as the work goes along.

    Returns:
        The weights file.

    Raises:
        DataError: the data sets are not where the settings say.
        FilmError: the TOML file cannot be read or holds settings that do not exist.
    """
    table = _read_toml(toml)
    if table["kind"] == "curves":
        training, seeds = _read_run(toml, table)
        find_studyforrest(settings)  # before seconds are spent on loading Keras
        return train_curves(training, seeds, settings, load_text(), report)
    if table["kind"] == "shots":
        return train_shots(_read_shots(toml, table), settings.data, report)
    return train_text({name: table[name] for name in ("network", "regression", "training")}, settings.data, report)


def evaluate(kind: str, settings: Settings, options: EvaluateOptions, report: Report) -> EvaluationReport:
    """Measure a model.

    Args:
        kind: `curves`, `shots` or `text`.
        settings: where the data sets are.
        options: what to measure.
        report: called as the work goes along.

    Raises:
        DataError: the data sets are not where the settings say.
        FilmError: options that do not belong together.
    """
    _check_options(kind, options)
    if kind == "text":
        text, values = evaluate_text(settings.data, options.lines)
        return EvaluationReport(text=text, values=values)
    if kind == "shots":
        text, values = (
            evaluate_shot_weights(settings.data, options.shots, options.segments)
            if options.shipped
            else evaluate_shot_recipe(_read_shots(SHOTS_TOML, _read_toml(SHOTS_TOML)), settings.data, report)
        )
        return EvaluationReport(text=text, values=values)
    return _evaluate_shipped(settings, options) if options.shipped else _evaluate_recipe(settings, report)


def load_examples(settings: Settings) -> "tuple[Features, CurveExamples]":
    """Load studyforrest as features and as examples, its dialogue read by the shipped text network."""
    find_studyforrest(settings)  # before seconds are spent on loading Keras
    return load_film(settings, load_text())


def _read_toml(toml: Path) -> dict[str, Any]:
    """Read a training run.

    Raises:
        FilmError: it cannot be read, or is of no known kind.
    """
    try:
        table = tomllib.loads(toml.read_text())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _refuse_run(toml, str(error)) from error
    needed = {
        "curves": ("ensemble", "training"),
        "shots": ("ensemble", "footage", "training"),
        "text": ("network", "regression", "training"),
    }
    if table.get("kind") not in needed:
        raise _refuse_run(toml, "its kind is neither curves nor shots nor text")
    if missing := [name for name in needed[table["kind"]] if not isinstance(table.get(name), dict)]:
        raise _refuse_run(toml, f"it has no table {missing[0]}")
    return table


def _refuse_run(toml: Path, reason: str) -> FilmError:
    return FilmError(
        f"{toml} is not a training run that this version knows: {reason}.",
        "Give models/curve_net.toml, models/shot_net.toml or models/text_net.toml, or a copy of one with changed values.",
    )


def _read_run(toml: Path, table: Mapping[str, Any]) -> tuple[CurveTraining, tuple[int, ...]]:
    try:
        return CurveTraining.from_table(table["training"]), tuple(table["ensemble"]["seeds"])
    except (KeyError, TypeError, ValueError) as error:
        raise _refuse_run(toml, str(error)) from error


def _read_shots(toml: Path, table: Mapping[str, Any]) -> ShotRun:
    try:
        return read_shot_run(table)
    except (KeyError, TypeError, ValueError) as error:
        raise _refuse_run(toml, str(error)) from error


def _check_options(kind: str, options: EvaluateOptions) -> None:
    """Refuse options that would otherwise be ignored.

    Raises:
        FilmError: they do not belong together.
    """
    if kind != "curves" and options.ratings:
        raise FilmError("Ratings belong to the curves.", "Say: evaluate curves --shipped --ratings CSV.")
    if kind == "text" and options.segments:
        raise FilmError(
            "Segments belong to the curves and the shots.", "Say: evaluate curves --shipped --segments 0,1."
        )
    if kind != "text" and options.lines:
        raise FilmError("Labelled lines belong to the text network.", "Say: evaluate text --lines TSV.")
    if kind != "shots" and options.shots:
        raise FilmError("A list of shots belongs to the shot network.", "Say: evaluate shots --shipped --shots CSV.")
    if not options.shipped and (options.ratings or options.segments or options.shots):
        raise FilmError(
            "Only the shipped weights can be scored on named segments or labels kept elsewhere.",
            "Add --shipped; without it the whole recipe is trained and measured anew.",
        )


def _evaluate_recipe(settings: Settings, report: Report) -> EvaluationReport:
    """Measure the shipped recipe with one segment left out in turn, beside everything it must beat."""
    from models.band import measure_coverage
    from models.evaluate_curves import SHIPPED, format_comparisons, format_table, summarise_row
    from studio.model_card import KEY_CURVES

    training, seeds = _read_run(CURVES_TOML, _read_toml(CURVES_TOML))
    _, film = load_examples(settings)
    evaluation = run_table(training, seeds, film, report)
    rows = {row.name: summarise_row(row, evaluation) for row in evaluation.rows}
    coverage = measure_coverage(evaluation.held_out, film, evaluation.blocks).mean(axis=0)
    text = "\n\n".join(
        [
            format_table(evaluation, KEY_CURVES),
            format_comparisons(evaluation, KEY_CURVES),
            "The band holds " + ", ".join(f"{c} {share:.0%}" for c, share in zip(film.curves, coverage, strict=True)),
        ]
    )
    shares = dict(zip(film.curves, coverage.round(4).tolist(), strict=True))
    return EvaluationReport(text=text, values={**rows[SHIPPED], "rows": rows, "coverage": shares})


def _evaluate_shipped(settings: Settings, options: EvaluateOptions) -> EvaluationReport:
    """Score the shipped weights against ratings, the way they are used: the whole film through `predict_curves`."""
    from models.checkpoint import load_curve_model
    from models.evaluate_curves import Evaluation, score_predictions, summarise_row

    features, film = load_examples(settings)
    if options.ratings is not None:
        film = studyforrest.join_examples(features, studyforrest.read_ratings(options.ratings))
    blocks = tuple(dict.fromkeys(options.segments)) or film.rated_blocks
    for block in blocks:
        if not 0 <= block < len(film.blocks) or not film.rated[slice(*film.blocks[block])].any():
            raise DataError(
                f"Segment {block} has no ratings in this file.",
                f"Segments are counted from 0; rated here are {', '.join(map(str, film.rated_blocks))}.",
            )
    try:
        model = load_curve_model()
    except ValueError as error:
        raise ModelError(str(error), "Rebuild it with: python -m studio train models/curve_net.toml") from error
    curves = predict_curves(features, model=model)
    row = score_predictions(model.model_id, np.asarray(curves.values)[None], film, blocks)
    evaluation = Evaluation(blocks=blocks, curves=film.curves, rows=(row,), held_out=curves.values[None])
    values = summarise_row(row, evaluation)
    lines = [f"{model.model_id}", "", "| segment | curve | r | CCC |", "|---|---|---|---|"]
    for segment, scores in [*values["segments"].items(), ("mean", values["mean"])]:
        lines += [f"| {segment} | {name} | {s['r']:.3f} | {s['ccc']:.3f} |" for name, s in scores.items()]
    return EvaluationReport(text="\n".join(lines), values={**values, "model": model.model_id})
