"""Rebuilding and measuring the shipped models: `train` and `evaluate` of the command line."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from models.spec import STREAMS, CurveSpec, CurveTraining
from pipeline.curves import predict_curves
from pipeline.dataset import studyforrest
from pipeline.dataset.text import read_labelled_lines, read_text_examples
from pipeline.errors import DataError, FilmError, ModelError
from pipeline.types import Features, Progress, Report
from studio.settings import Settings
from studio.shot_training import ShotRun, evaluate_shot_recipe, evaluate_shot_weights, read_shot_run, train_shots

if TYPE_CHECKING:
    from models.evaluate_curves import Evaluation
    from models.examples import CurveExamples
    from models.text_net import KerasTextModel

MODELS = Path(__file__).parent.parent / "models"
CURVES_TOML = MODELS / "curve_net.toml"
SHOTS_TOML = MODELS / "shot_net.toml"
KEY_CURVES = ("arousal", "valence", "fear", "tension")
"""The curves that the table prints; the others stand in the JSON."""


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
    """Train a shipped model anew, and write its weights, and the curves' card, to `models/weights/`.

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
        return _train_curves(training, seeds, settings, report)
    if table["kind"] == "shots":
        return train_shots(_read_shots(toml, table), settings.data, report)
    return _train_text({name: table[name] for name in ("network", "training")}, settings, report)


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
        return _evaluate_text(settings, options)
    if kind == "shots":
        text, values = (
            evaluate_shot_weights(settings.data, options.shots, options.segments)
            if options.shipped
            else evaluate_shot_recipe(_read_shots(SHOTS_TOML, _read_toml(SHOTS_TOML)), settings.data, report)
        )
        return EvaluationReport(text=text, values=values)
    return _evaluate_shipped(settings, options) if options.shipped else _evaluate_recipe(settings, report)


def load_examples(settings: Settings) -> "tuple[Features, CurveExamples]":
    """Load studyforrest as features and as examples."""
    folder = find_studyforrest(settings)
    features = studyforrest.load_features(folder, text_model=_load_text())
    return features, studyforrest.join_examples(features, studyforrest.read_ratings(folder / "emotions_av_1s.csv"))


def find_studyforrest(settings: Settings) -> Path:
    """The folder of studyforrest.

    Raises:
        DataError: it is not where the settings say.
    """
    folder = settings.data / "studyforrest"
    if not folder.is_dir():
        raise DataError(
            f"There is no studyforrest data in {settings.data}.",
            "Point THROUGHLINE_DATA at the folder that holds studyforrest/; the README says where it is published.",
        )
    return folder


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
        "text": ("network", "training"),
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


def _load_text() -> "KerasTextModel":
    """Load the shipped text network.

    Raises:
        ModelError: it is missing or foreign.
    """
    from models.text_net import load_text_model

    try:
        return load_text_model()
    except ValueError as error:
        raise ModelError(str(error), "Rebuild it with: python -m studio train models/text_net.toml") from error


def _run_table(training: CurveTraining, seeds: tuple[int, ...], film: "CurveExamples", report: Report) -> "Evaluation":
    """Fill the leave-one-segment-out table, with progress."""
    from models.evaluate_curves import RECIPES, evaluate_recipes

    total = RECIPES * len(film.rated_blocks) * len(seeds)
    done = 0

    def count(_: str) -> None:
        nonlocal done
        done += 1
        report(Progress(stage=f"Training network {done} of {total}", done=0.95 * done / total, position_s=0.0))

    return evaluate_recipes(film, training, seeds=seeds, report=count)


def _train_curves(training: CurveTraining, seeds: tuple[int, ...], settings: Settings, report: Report) -> Path:
    """Fill the table, fit the band to its held-out predictions, train the members on all that is rated."""
    find_studyforrest(settings)  # before seconds are spent on loading Keras
    from models.checkpoint import WEIGHTS, load_curve_model, save_curve_model
    from models.evaluate_curves import fit_band
    from models.linear_net import build_linear_net
    from models.ridge import fit_ridge
    from models.train_curves import train_curve_net
    from studio.model_card import CardFacts, write_curve_card

    features, film = load_examples(settings)
    evaluation = _run_table(training, seeds, film, report)
    floor, factor = fit_band(evaluation.held_out, film)
    report(Progress(stage="Training the members on the whole film", done=0.96, position_s=0.0))
    members = [train_curve_net(film, film.spans_without(None), training, seed=seed) for seed in seeds]
    seen = [film.streams[name][film.present[:, i] > 0] for i, name in enumerate(STREAMS)]
    spec = CurveSpec(
        columns={name: list(film.columns[name]) for name in STREAMS},
        curves=list(film.curves),
        reference_mean={name: rows.mean(axis=0).tolist() for name, rows in zip(STREAMS, seen, strict=True)},
        reference_deviation={name: rows.std(axis=0).tolist() for name, rows in zip(STREAMS, seen, strict=True)},
        band_floor=floor.tolist(),
        band_factor=factor.tolist(),
    )
    fit = fit_ridge(film, film.spans_without(None))
    linear = build_linear_net(training.net_settings(film.columns, film.curves), fit)
    save_curve_model(members, linear, spec, WEIGHTS)
    facts = CardFacts(
        model_id=load_curve_model().model_id,
        training=training,
        seeds=seeds,
        evaluation=evaluation,
        film=film,
        parameters=members[0].count_params(),
        text_id=features.extractors["transcript"],
        band_floor=floor,
        band_factor=factor,
    )
    write_curve_card(WEIGHTS.with_suffix(".md"), facts)
    return WEIGHTS


def _train_text(tables: dict[str, Any], settings: Settings, report: Report) -> Path:
    """Train the text network; its card is written by hand."""
    examples = read_text_examples(settings.data / "text")
    from models.text_net import WEIGHTS
    from models.train_text import train_text_net

    steps = 0

    def say(line: str) -> None:
        nonlocal steps
        steps += 1
        report(Progress(stage=line, done=min(0.15 * steps, 0.95), position_s=0.0))

    try:
        trained = train_text_net(examples, tables, report=say)
    except ValueError as error:
        raise FilmError(str(error), "See models/text_net.toml for the settings that there are.") from error
    trained.network.save(WEIGHTS)
    report(Progress(stage=f"Development macro F1 {trained.scores['macro_f1']:.3f}", done=1.0, position_s=0.0))
    return WEIGHTS


def _evaluate_recipe(settings: Settings, report: Report) -> EvaluationReport:
    """Measure the shipped recipe with one segment left out in turn, beside everything it must beat."""
    from models.evaluate_curves import SHIPPED, format_table, summarise_row

    training, seeds = _read_run(CURVES_TOML, _read_toml(CURVES_TOML))
    _, film = load_examples(settings)
    evaluation = _run_table(training, seeds, film, report)
    rows = {row.name: summarise_row(row, evaluation) for row in evaluation.rows}
    return EvaluationReport(text=format_table(evaluation, KEY_CURVES), values={**rows[SHIPPED], "rows": rows})


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


def _evaluate_text(settings: Settings, options: EvaluateOptions) -> EvaluationReport:
    """Score the shipped text network on the held-out lines, or on lines kept elsewhere."""
    from models.train_text import evaluate_text_net

    if options.lines is not None:
        examples = read_labelled_lines(options.lines)
    else:
        examples = read_text_examples(settings.data / "text")
    model = _load_text()
    scores = evaluate_text_net(model.network, examples)
    figures = {"XED macro F1": "macro_f1", "EmoBank valence r": "valence_r", "EmoBank arousal r": "arousal_r"}
    lines = [model.model_id, "", "| | |", "|---|---|"]
    lines += [f"| {words} | {scores[name]:.3f} |" for words, name in figures.items() if scores[name] is not None]
    lines += [f"| F1 of {emotion} | {f1:.3f} |" for emotion, f1 in scores["f1"].items()]
    return EvaluationReport(text="\n".join(lines), values={**scores, "model": model.model_id})
