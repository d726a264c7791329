"""`train --ratings`: a copy of the shipped curves, fitted on this machine to what a studio's own people rated."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from models.fine_tune import CurveFit, fit_curve
from models.rated_cuts import MIN_CUT_S, RatedCut
from models.shipped import CURVE_WEIGHTS, OWN_CURVES, identify_curve_model
from models.spec import STREAMS, CurveSpec
from pipeline.curves import CurveModel, CurveOptions, check_columns, match_levels, predict_curves
from pipeline.errors import DataError, FileUnreadable
from pipeline.export.rating_table import TableOptions
from pipeline.ratings import Ratings, RatingSeries, series_to_ratings
from pipeline.types import CURVES, Analysis, Floats, Progress, Report
from studio.networks import load_models
from studio.provenance import name_makers
from studio.rating_import import parse_table, read_table_file
from studio.store import Library
from studio.tuned_card import TunedReport, write_tuned_card

MIN_RATED_S = 180
"""A curve of which fewer seconds are rated, over all cuts, teaches nothing."""

SUFFIXES = (".csv", ".tsv", ".txt")


def train_on_ratings(library: Library, folder: Path, report: Report) -> TunedReport:
    """Fit a copy of the shipped curves to the ratings in a folder, and write its weights and card into the home.

    A curve that its ratings do not help, as cross-validation tells, stays the shipped one.

    Args:
        library: has the cuts that were rated; their stored measurements are used.
        folder: tables of ratings, each naming its cuts by a column `cut` or by its file's name.
        report: called as the work goes along.

    Raises:
        FileUnreadable: there is no such folder.
        DataError: no table, a row that makes no sense, too few rated seconds, or ratings that help no curve.
        LibraryError: a cut's analysis cannot be read.
    """
    tables = read_rated_cuts(library, folder)
    curves = choose_curves(tables)
    rated = [(analysis, drop_short(ratings, curves)) for analysis, ratings in tables]
    rated = [(analysis, ratings) for analysis, ratings in rated if ratings]
    report(Progress(stage="Loading the models", done=0.0, position_s=0.0))
    model: CurveModel = load_models()[1]
    from models.checkpoint import CurveEnsemble
    from models.loading import load_network
    from models.tuned_net import build_tuned_curves

    base = load_network(CURVE_WEIGHTS, CurveEnsemble, name="a curve model")
    spec = CurveSpec(**base.spec)
    fits = _fit_curves([_make_rated_cut(analysis, ratings, model) for analysis, ratings in rated], curves, spec, report)
    kept, left = (tuple(fit for fit in fits if fit.is_better == wanted) for wanted in (True, False))
    if not kept:
        gains = [f"the tuned {fit.curve} gains {fit.gain_r:+.2f} ± {fit.gain_error_r:.2f} in r" for fit in left]
        raise DataError(
            f"These ratings do not make the curves better: on what was left out, {' and '.join(gains)}.",
            "Nothing was written. Have more cuts rated, or the same ones by more people.",
        )
    weights = _write_weights(build_tuned_curves(base, kept), library.settings.models)
    result = TunedReport(
        weights=weights, model_id=weights.stem, kept=kept, left=left, warnings=tuple(warn_of(rated, curves))
    )
    write_tuned_card(result, [(analysis.cut, ratings) for analysis, ratings in rated])
    report(Progress(stage="Written", done=1.0, position_s=0.0))
    return result


def describe_tuned(result: TunedReport) -> dict[str, Any]:
    """What scripts are told of a training run: for each curve r on what was left out, as shipped and tuned."""
    curves = {
        fit.curve: {
            "kept": fit in result.kept,
            "shipped_r": float(np.mean([score.shipped_r for score in fit.scores])),
            "tuned_r": float(np.mean([score.tuned_r for score in fit.scores])),
        }
        for fit in (*result.kept, *result.left)
    }
    files = {"weights": str(result.weights), "card": str(result.card)}
    return {"model": result.model_id, **files, "curves": curves, "warnings": list(result.warnings)}


def write_summary(result: TunedReport) -> str:
    """What people are told of a training run, and how its weights are chosen."""
    lines = [
        f"{curve}: r {score['shipped_r']:.2f} as shipped, {score['tuned_r']:.2f} tuned, on what was left out"
        + ("" if score["kept"] else ": it stays as it ships")
        for curve, score in describe_tuned(result)["curves"].items()
    ]
    choose = f"To draw with it, set THROUGHLINE_CURVES={result.model_id}, then: python -m studio analyse --old"
    return "\n".join([*lines, *result.warnings, f"Wrote {result.weights}", f"and {result.card}", choose])


def read_rated_cuts(library: Library, folder: Path) -> list[tuple[Analysis, Mapping[str, Ratings]]]:
    """Read every table of a folder, and load the analyses of the cuts that they are about.

    Returns:
        For each rated cut its analysis, and the ratings of each rated curve by its name.

    Raises:
        FileUnreadable, DataError, LibraryError: as `train_on_ratings`.
    """
    if not folder.is_dir():
        raise FileUnreadable(f"There is no folder {str(folder)!r}.", "Give a folder with tables of ratings (CSV).")
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)
    if not paths:
        raise DataError(f"{folder} holds no table of ratings.", "Write some with: python -m studio ratings export ID")
    by_cut: dict[str, dict[tuple[str, str], RatingSeries]] = defaultdict(dict)
    for path in paths:
        named = re.split(r"[-_ .]", path.stem)[0]
        for series in parse_table(library, read_table_file(path), path.name, TableOptions(cut=named)):
            if (series.curve, series.rater) in by_cut[series.cut_id]:
                raise DataError(
                    f"{series.rater}'s {series.curve} of cut {series.cut_id} stands in {path.name} and in another table.",
                    "Take one of them out of the folder.",
                )
            by_cut[series.cut_id][series.curve, series.rater] = series
    return [(_load_measured(library, cut_id), _lay_out(library, cut_id, by_cut[cut_id].values())) for cut_id in by_cut]


def choose_curves(rated: Sequence[tuple[Analysis, Mapping[str, Ratings]]]) -> list[str]:
    """Return the curves that are rated enough.

    Raises:
        DataError: none is.
    """
    counts = {curve: 0 for curve in CURVES if any(curve in ratings for _, ratings in rated)}
    for _, ratings in rated:
        for curve, own in ratings.items():
            counts[curve] += int(own.is_rated.sum()) if own.is_rated.sum() >= MIN_CUT_S else 0
    enough = [curve for curve, count in counts.items() if count >= MIN_RATED_S]
    if not enough:
        said = ", ".join(f"{count} of {curve}" for curve, count in counts.items())
        raise DataError(
            f"Too few seconds are rated: {said}.",
            f"A curve needs {MIN_RATED_S} seconds, of cuts with {MIN_CUT_S} or more each; several whole cuts are better.",
        )
    return enough


def drop_short(ratings: Mapping[str, Ratings], curves: Sequence[str]) -> dict[str, Ratings]:
    """Keep of a cut's ratings what is fitted to: curves that are rated enough, on cuts that are."""
    return {curve: own for curve, own in ratings.items() if curve in curves and own.is_rated.sum() >= MIN_CUT_S}


def warn_of(rated: Sequence[tuple[Analysis, Mapping[str, Ratings]]], curves: Iterable[str]) -> list[str]:
    """Say what the ratings are too few for, in full sentences."""
    warnings = []
    for curve in curves:
        own = [ratings[curve] for _, ratings in rated if curve in ratings]
        raters = {rater for each in own for rater in each.raters}
        if len(raters) == 1:
            warnings.append(f"Only {raters.pop()} rated {curve}: the curve follows one person's taste.")
        if len(own) == 1:
            warnings.append(f"Only one cut has ratings of {curve}: how it does on other cuts was not measured.")
    return warnings


def _fit_curves(cuts: Sequence[RatedCut], curves: Sequence[str], spec: CurveSpec, report: Report) -> list[CurveFit]:
    """Fit the correction of every curve that is rated enough."""
    fits = []
    for place, curve in enumerate(curves):

        def say(done: float, curve: str = curve, place: int = place) -> None:
            report(Progress(stage=f"Fitting {curve}", done=0.05 + 0.9 * (place + done) / len(curves), position_s=0.0))

        fits.append(fit_curve([cut for cut in cuts if curve in cut.ratings], curve, spec, report=say))
    return fits


def _load_measured(library: Library, cut_id: str) -> Analysis:
    """Load an analysis whose measurements are today's.

    Raises:
        DataError: an older version measured it.
    """
    analysis = library.load_analysis(cut_id)
    makers = {name: maker for name, maker in name_makers(CURVE_WEIGHTS).items() if name != "curves"}
    if any(analysis.provenance.get(name) != maker for name, maker in makers.items()):
        raise DataError(
            f"{analysis.cut.title!r} was measured by an older version.",
            f"Analyse it again: python -m studio analyse --again {cut_id}",
        )
    return analysis


def _lay_out(library: Library, cut_id: str, series: Iterable[RatingSeries]) -> dict[str, Ratings]:
    """Lay the series of a cut out by curve."""
    seconds, every = library.find_cut(cut_id).seconds, list(series)
    return {curve: series_to_ratings(every, curve, seconds) for curve in {each.curve for each in every}}


def _make_rated_cut(analysis: Analysis, ratings: Mapping[str, Ratings], model: CurveModel) -> RatedCut:
    """Put what is measured, predicted and rated of a cut together."""
    features = analysis.features
    check_columns(features, model)
    shipped = predict_curves(features, model=model)
    trust_s = CurveOptions().trust_s
    half: Floats = np.maximum(shipped.high - shipped.values, shipped.values - shipped.low)
    return RatedCut(
        streams={name: match_levels(features, name, model=model, trust_s=trust_s) for name in STREAMS},
        present=features.present.astype(np.float32),
        shipped=shipped.values,
        half_width=half,
        ratings={curve: own.mean for curve, own in ratings.items()},
    )


def _write_weights(network: object, folder: Path) -> Path:
    """Write weights under the name that says which they are."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = folder / f"{OWN_CURVES}-draft{CURVE_WEIGHTS.suffix}"
    network.save(draft)  # type: ignore[attr-defined]
    weights = folder / f"{identify_curve_model(draft)}{CURVE_WEIGHTS.suffix}"
    draft.replace(weights)
    return weights
