"""Rebuilding the curve network and its card."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

from models.shipped import CURVE_WEIGHTS, LIVE_WEIGHTS
from models.spec import STREAMS, CurveSpec, CurveTraining
from pipeline.dataset import studyforrest
from pipeline.domain import learn_domain
from pipeline.errors import DataError
from pipeline.features.transcript import TextModel
from pipeline.types import Features, Progress, Report
from studio.settings import Settings

if TYPE_CHECKING:
    from models.evaluate_curves import Evaluation
    from models.examples import CurveExamples


def load_film(settings: Settings, text_model: TextModel) -> "tuple[Features, CurveExamples]":
    """Load studyforrest as features and as examples.

    Raises:
        DataError: it is not where the settings say.
    """
    folder = find_studyforrest(settings)
    features = studyforrest.load_features(folder, text_model=text_model)
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


def run_table(training: CurveTraining, seeds: tuple[int, ...], film: "CurveExamples", report: Report) -> "Evaluation":
    """Fill the leave-one-segment-out table, with progress."""
    from models.evaluate_curves import RECIPES, evaluate_recipes

    total = RECIPES * len(film.rated_blocks) * len(seeds)
    done = 0

    def count(_: str) -> None:
        nonlocal done
        done += 1
        report(Progress(stage=f"Training network {done} of {total}", done=0.95 * done / total, position_s=0.0))

    return evaluate_recipes(film, training, seeds=seeds, report=count)


def train_curves(
    training: CurveTraining, seeds: tuple[int, ...], settings: Settings, text_model: TextModel, report: Report
) -> Path:
    """Fill the table, fit the band to its held-out predictions, train the members on all that is rated.

    Args:
        training: how.
        seeds: of the members.
        settings: where the data are.
        text_model: reads the dialogue.
        report: called as the work goes along.

    Returns:
        The weights file, beside which lie the card, its plot and the figures.
    """
    from models.band import fit_film_band, measure_coverage
    from models.checkpoint import load_curve_model, save_curve_model
    from models.evaluate_curves import find_shipped, summarise_row
    from models.linear_net import build_linear_net
    from models.ridge import fit_ridge
    from models.train_curves import train_curve_net
    from studio.model_card import CardFacts, draw_calibration, write_curve_card

    features, film = load_film(settings, text_model)
    evaluation = run_table(training, seeds, film, report)
    band = fit_film_band(evaluation.held_out, film, evaluation.blocks)
    report(Progress(stage="Training the members on the whole film", done=0.96, position_s=0.0))
    members = [train_curve_net(film, film.spans_without(None), training, seed=seed) for seed in seeds]
    domains = {name: learn_domain(film.streams[name], film.columns[name], name, film.blocks) for name in STREAMS}
    levels = film.measure_columns([(0, len(film.present))])
    spec = CurveSpec(
        columns={name: list(film.columns[name]) for name in STREAMS},
        curves=list(film.curves),
        reference_mean={name: levels.mean[name].tolist() for name in STREAMS},
        reference_deviation={name: levels.deviation[name].tolist() for name in STREAMS},
        domain_mean={name: domain.mean.tolist() for name, domain in domains.items()},
        domain_deviation={name: domain.deviation.tolist() for name, domain in domains.items()},
        domain_limit={name: domain.limit for name, domain in domains.items()},
        **band.to_table(),
    )
    fit = fit_ridge(film, film.spans_without(None), training.regression_reading)
    linear = build_linear_net(training.net_settings(film.columns, film.curves), fit)
    weights = LIVE_WEIGHTS if training.causal else CURVE_WEIGHTS
    save_curve_model(members, linear, spec, weights)
    draw_calibration(weights.with_suffix(".png"), evaluation, film)
    facts = CardFacts(
        model_id=load_curve_model(weights).model_id,
        training=training,
        seeds=seeds,
        evaluation=evaluation,
        film=film,
        parameters=members[0].count_params(),
        text_id=features.extractors["transcript"],
        band=band,
        coverage=measure_coverage(evaluation.held_out, film, evaluation.blocks),
    )
    write_curve_card(weights.with_suffix(".md"), facts)
    figures = summarise_row(find_shipped(evaluation), evaluation)["mean"]
    held_out = {name: scores["r"] for name, scores in figures.items()}
    table = {"model_id": facts.model_id, "held_out": held_out, "raters": dict(studyforrest.RATERS_R)}
    weights.with_suffix(".json").write_text(json.dumps(table, indent=2) + "\n")
    return weights
