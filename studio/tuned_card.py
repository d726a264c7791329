"""Writing the card of weights that were fitted to a studio's own ratings, with the figures as they came out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.band import COVERAGE
from models.examples import GAP_S
from models.fine_tune import DELAYS_S, CurveFit
from models.rated_cuts import BLOCKS
from models.shipped import identify_curve_model
from pipeline.ratings import Ratings, measure_agreement
from pipeline.types import Cut

CARD = """# Model card: {model_id}

A copy of the shipped curves, `{base_id}`, with {curves} fitted to your own people's ratings. All other curves are the shipped ones.
Choose it: `THROUGHLINE_CURVES={model_id}`; unset that and the shipped weights draw again. Rebuild: `python -m studio train --ratings DIR`.
This card is written by that command.

## What it is
The shipped networks, frozen. For each of these curves a new head on the shipped curves and a ridge regression on the measured columns and
their moving means are added to the shipped curve. The penalty, {penalties}, shrinks both towards nothing, that is to the shipped curve; and
ratings are taken to come late by {delays}. Both were chosen from fixed lists by cross-validation.

## Data and licence
Ratings that your people gave, second by second; the mean of those who rated a second is what is fitted. They, and these weights, are yours and
stay on this machine; the weights hold nothing of the films but these regressions. The licence of the shipped weights holds for what is theirs:
they learned from studyforrest (CC0, PDDL), see their own card.

| cut | curve | raters | seconds rated | agreement (mean r of pairs) | Cronbach's alpha |
|---|---|---|---|---|---|
{data}

## Protocol
{protocol} Penalty and delay are chosen inside what is left, in the same way; only then is the part that was left out predicted. The
shipped weights are scored on the same seconds with the same delay.

| curve | left out | seconds | shipped r | tuned r | shipped CCC | tuned CCC |
|---|---|---|---|---|---|---|
{scores}

{verdicts}

## The band
The shipped band's width, times {bands}, so that it holds {coverage:.0%} of the left-out ratings; width and coverage are measured on
the same ratings, so those of a new cut will fall inside somewhat less often.

## Limits
- {cuts}: what is not like them was not measured, and the gain may not carry over.
- It learns what these raters rate and how; another panel may rate differently.{warnings}
- Delay is one figure for everybody; a person who answers slowly blurs the curve.
- The limits of the shipped weights hold as well: it hears loudness, not what sounds; it sees brightness and movement, not what is shown.
- It guides a person's judgement and replaces none of it.
"""


@dataclass(frozen=True, kw_only=True)
class TunedReport:
    """What came of a training run.

    Attributes:
        weights: the file of the new weights; their card lies beside it.
        model_id: what they are called, which is what the setting takes.
        kept: the fits that are in them, one a curve.
        left: the fits that did not help, and are not.
        warnings: what a person should know, in full sentences.
    """

    weights: Path
    model_id: str
    kept: tuple[CurveFit, ...]
    left: tuple[CurveFit, ...]
    warnings: tuple[str, ...]

    @property
    def card(self) -> Path:
        """The card of the weights."""
        return self.weights.with_suffix(".md")


def write_tuned_card(result: TunedReport, rated: Sequence[tuple[Cut, Mapping[str, Ratings]]]) -> None:
    """Write the card.

    Args:
        result: what came of the training.
        rated: each cut with its ratings by curve.
    """
    fits = (*result.kept, *result.left)
    result.card.write_text(
        CARD.format(
            model_id=result.model_id,
            base_id=identify_curve_model(),
            curves=" and ".join(fit.curve for fit in result.kept),
            penalties=", ".join(f"{fit.penalty:,.0f} for {fit.curve}" for fit in result.kept),
            delays=", ".join(f"{fit.delay_s} s for {fit.curve}" for fit in result.kept)
            + f" (of 0 to {DELAYS_S[-1]} s)",
            data="\n".join(_write_data(rated)),
            protocol=_describe_protocol(fits),
            scores="\n".join(line for fit in fits for line in _write_scores(fit, rated)),
            verdicts=" ".join(_write_verdict(fit, is_kept=fit in result.kept) for fit in fits),
            bands=", ".join(f"{fit.band:.2f} for {fit.curve}" for fit in result.kept),
            coverage=COVERAGE,
            cuts="One cut" if len(rated) == 1 else f"{len(rated)} cuts",
            warnings="".join(f" {warning}" for warning in result.warnings),
        ),
        encoding="utf-8",
    )


def _write_data(rated: Sequence[tuple[Cut, Mapping[str, Ratings]]]) -> list[str]:
    """A row for each cut and curve."""
    rows = []
    for cut, ratings in rated:
        for curve, own in sorted(ratings.items()):
            agreement = measure_agreement(own)
            figures = [agreement.mean_r, agreement.alpha]
            cells = ["–" if figure is None else f"{figure:.2f}" for figure in figures]
            count = int(own.is_rated.sum())
            rows.append(
                f"| {_plain(cut.title)} ({cut.cut_id}) | {curve} | {len(own.raters)} | {count:,} | {' | '.join(cells)} |"
            )
    return rows


def _describe_protocol(fits: Sequence[CurveFit]) -> str:
    """Say what was left out, for which curves."""
    across = [fit.curve for fit in fits if fit.is_across_cuts]
    within = [fit.curve for fit in fits if not fit.is_across_cuts]
    sentences = []
    if across:
        sentences.append(
            f"Leave one cut out ({', '.join(across)}): each cut in turn is predicted by what was fitted on all others."
        )
    if within:
        sentences.append(
            f"Leave one block out ({', '.join(within)}): the only cut is divided into {BLOCKS} blocks, each in turn predicted "
            f"by what was fitted on the others, with up to {GAP_S} s left out on either side of it."
        )
    return " ".join(sentences)


def _write_scores(fit: CurveFit, rated: Sequence[tuple[Cut, Mapping[str, Ratings]]]) -> list[str]:
    """A row for each part that was left out, and their mean."""
    titles = [_plain(cut.title) for cut, ratings in rated if fit.curve in ratings]
    rows = [
        (
            titles[score.place] + ("" if fit.is_across_cuts else f", block {block}"),
            score.seconds,
            [score.shipped_r, score.tuned_r, score.shipped_ccc, score.tuned_ccc],
        )
        for block, score in enumerate(fit.scores, start=1)
    ]
    rows.append(("**mean**", sum(row[1] for row in rows), np.mean([row[2] for row in rows], axis=0).tolist()))
    return [
        f"| {fit.curve} | {title} | {seconds:,} | {' | '.join(f'{figure:.2f}' for figure in figures)} |"
        for title, seconds, figures in rows
    ]


def _write_verdict(fit: CurveFit, *, is_kept: bool) -> str:
    """Say what the table says of a curve."""
    worse = sum(score.tuned_r < score.shipped_r for score in fit.scores)
    if not is_kept:
        return f"The ratings of {fit.curve} did not help for certain ({_write_gain(fit)} in mean r): it stays the shipped curve."
    behind = f", though behind it on {worse} of the {len(fit.scores)}" if worse else ""
    return f"In mean r the tuned {fit.curve} is ahead of the shipped one by {_write_gain(fit)} on what was left out{behind}."


def _write_gain(fit: CurveFit) -> str:
    """A gain with its standard error from part to part."""
    return f"{fit.gain_r:+.2f} ± {fit.gain_error_r:.2f}".replace("-", "−")


def _plain(title: str) -> str:
    """A title as a cell of a table takes it."""
    return title.replace("|", "/").replace("\n", " ")
