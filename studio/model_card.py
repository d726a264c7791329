"""Writing the curve network's card beside its weights, with the figures as they came out."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import vl_convert

from models.band import LEVELS, BandFit, measure_coverage
from models.evaluate_curves import Evaluation, find_shipped, format_comparisons, format_table, summarise_row
from models.examples import GAP_S, CurveExamples, Floats
from models.shipped import read_curve_figures
from models.spec import CurveTraining
from pipeline.dataset.studyforrest import EMOTION_GROUPS, RATERS_R, UNEASE

KEY_CURVES = ("arousal", "valence", "fear", "tension")
"""The curves that the tables print; the others stand in the JSON."""

CARD = """# Model card: {model_id}

Draws tension, arousal, valence and six emotions of a film, one value a second, from its picture, sound and dialogue{how}.
This card is written by the command that rebuilds the weights: `python -m studio train models/{name}.toml`.{measure}

## What it is
{members} networks of {parameters:,} weights each that differ by their seed, and one ridge regression; what ships is the mean of the
regression and the networks' mean. A network has one encoder a stream, a gate that weighs the streams for each curve, {recurrent}, and one head a curve.
It sees each second as it is; what {remembered} it has to remember. The regression reads the same columns and their means over
{windows}{around} s, and what is said over {spoken} s, averaged over speech. A stream's share is the mean of its gate and of its part in the regression's sum. Any stream may be absent. Settings: `models/{name}.toml`.

## Data and licence
studyforrest: one feature film, rated every second by about nine observers for the emotion its characters *portray*
(annotations CC0, measurements PDDL). {rated:,} of its {seconds:,} seconds are labelled here, in {blocks} of 8 segments. The film itself was
never seen: only the published 25 Hz measurements of it, and its dialogue read by `{text_id}`.

## What the curves mean
- **Tension was not rated by anyone.** It is a proxy fixed before training: (U + max(arousal, 0) + max(-valence, 0)) / 3, with
  U = min(1, {unease}). Cronbach's alpha of its parts over the film is .79.
- Arousal is the rating mapped from [-1, 1] to [0, 1]; valence is the rating, in [-1, 1].
- The emotions are sums of rated columns, at most 1:
{groups}

## Protocol
Leave one labelled segment out, with {gap} s left out on either side of it; context is computed inside a segment only; everything
is fitted on the other segments (the ridge's penalty by leaving each of *them* out in turn). Each cell: mean Pearson r over the
{blocks} held-out segments ± its spread over segments, and in brackets the spread over {seeds} seeds; then the mean concordance (CCC).

{table}

{seen}

How the recipe was chosen: about a hundred variants of columns, means and networks were tried on these six segments (`docs/experiments.md`), most
with the regression, a few with one network each. Columns were kept that helped by a hundredth or two, so the rows of the regression, the networks and
the mixtures are somewhat optimistic. Penalties are chosen inside the training segments. The two segments that are unlabelled here took no part in
any choice.

All curves, the shipped recipe:

{all_curves}
{cost}
How far ahead what is, with the interval that holds 95 % of 10,000 draws of {blocks} segments out of these (paired bootstrap; an
interval that crosses 0 proves nothing):

{comparisons}

How far people agree, for comparison: ratings of the sound-only version by other observers (same study) follow these
at {raters}.

## The band
factor × max(least, floor + slope × value + spread × the members' standard deviation): the error to be expected in a second grows
with the curve's value and with how far the members are apart. All of it is fitted on held-out predictions so that the band holds
80 % of the ratings. What it holds of a segment when it is fitted on the *other* segments' residuals alone, mean and range over
segments:

| curve | {curve_names} |
|---|{rules}|
| held, mean | {held} |
| held, least to most | {held_range} |
| floor | {floors} |
| slope | {slopes} |
| spread | {spreads} |
| factor | {factors} |

![What bands of other widths held]({name}.png)

In a single stretch of a film it may hold much less or more than 80 %: errors come in runs.

## Limits
- One film, one genre mix, one culture's raters, an English dialogue track. Animation, silent film, documentary and music video lie
  outside what it has seen; the curves are then an extrapolation.
- It hears loudness and its movement, not what sounds; it sees brightness, change, coarse texture and whether a picture returns, not what is shown.
  It knows words of harm in English alone.
- It rates what is portrayed, not what a viewer feels. It guides a person's judgement and replaces none of it.
- Seconds next to one another are near copies; do not read meaning into a single second.
"""


LOOKING_BOTH_WAYS = {
    "how": "",
    "measure": " Measure: `python -m studio evaluate curves`.",
    "remembered": "was before and comes after",
    "windows": "",
    "seen": "The mixtures are scored as the networks and the regression see whole segments; in the app a film passes in windows "
    "of 640 s, its levels\nmatched to the training film's, which this table leaves out.\n",
}
LOOKING_BACK = {
    "how": ",\nof a film that is still being written: nothing in it looks ahead",
    "measure": "",
    "remembered": "was before",
    "windows": "the last ",
    "seen": "The mixtures are scored as the networks and the regression see whole segments, which is what they say when they are "
    "fed second by second.\nWhile a film grows its levels are matched to what there is of it so far, which this table leaves out.\n",
}
"""What the card says of a model that follows a growing film, and of one that sees the whole of it."""


@dataclass(frozen=True, kw_only=True)
class CardFacts:
    """What the card tells.

    Attributes:
        model_id: the weights it describes.
        training: how the members were trained.
        seeds: of the members.
        evaluation: the leave-one-segment-out table.
        film: what they were trained on.
        parameters: weights of one member.
        text_id: what read the dialogue.
        band: the band.
        coverage: (blocks, C), what it holds of each block when it is fitted on the others.
    """

    model_id: str
    training: CurveTraining
    seeds: tuple[int, ...]
    evaluation: Evaluation
    film: CurveExamples
    parameters: int
    text_id: str
    band: BandFit
    coverage: npt.NDArray[np.float64]


def write_curve_card(path: Path, facts: CardFacts) -> None:
    """Write the card.

    Args:
        path: where to.
        facts: what it tells.
    """
    evaluation, film = facts.evaluation, facts.film
    shipped = find_shipped(evaluation)
    path.write_text(
        CARD.format(
            name=path.stem,
            **(LOOKING_BACK if facts.training.causal else LOOKING_BOTH_WAYS),
            model_id=facts.model_id,
            members=len(facts.seeds),
            parameters=facts.parameters,
            recurrent=_describe_lstm(facts.training),
            cost=_tell_cost(evaluation) if facts.training.causal else "",
            spoken=" and ".join(map(str, facts.training.regression_spoken_s)),
            around=" and ".join(map(str, facts.training.regression_s)),
            rated=int(film.rated.sum()),
            seconds=len(film.ratings),
            blocks=len(evaluation.blocks),
            text_id=facts.text_id,
            unease=" + ".join(UNEASE),
            groups="\n".join(f"  - {name}: {', '.join(columns)}" for name, columns in EMOTION_GROUPS.items()),
            gap=GAP_S,
            seeds=len(facts.seeds),
            table=format_table(evaluation, KEY_CURVES),
            all_curves=format_table(replace(evaluation, rows=(shipped,))),
            curve_names=" | ".join(evaluation.curves),
            rules="---|" * (len(evaluation.curves) - 1) + "---",
            raters=", ".join(f"{r:.2f} ({name})" for name, r in RATERS_R.items()),
            comparisons=format_comparisons(evaluation, KEY_CURVES),
            held=" | ".join(f"{share:.0%}" for share in facts.coverage.mean(axis=0)),
            held_range=" | ".join(f"{low:.0%} to {high:.0%}" for low, high in _list_ranges(facts.coverage)),
            floors=_join_figures(facts.band.floor),
            slopes=_join_figures(facts.band.slope),
            spreads=_join_figures(facts.band.spread),
            factors=_join_figures(facts.band.factor),
        )
    )


def draw_calibration(path: Path, evaluation: Evaluation, film: CurveExamples) -> None:
    """Draw what share of held-out ratings a band holds that was made to hold a given share of the other segments'.

    Args:
        path: the PNG.
        evaluation: the held-out predictions.
        film: the ratings.
    """
    rows = [
        {"curve": curve, "asked": asked, "held": float(held)}
        for asked in LEVELS
        for curve, held in zip(
            film.curves,
            measure_coverage(evaluation.held_out, film, evaluation.blocks, coverage=asked).mean(axis=0),
            strict=True,
        )
        if curve in KEY_CURVES
    ]
    share = {"type": "quantitative", "scale": {"domain": [0, 1]}, "axis": {"format": "%"}}
    held = {**share, "field": "held", "title": "held of a segment that took no part in the fit"}
    asked = {**share, "field": "asked", "title": "asked of the band"}
    curve = {"field": "curve", "type": "nominal", "title": None, "sort": list(KEY_CURVES)}
    chart = {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "width": 360,
        "height": 360,
        "background": "white",
        "layer": [
            {
                "data": {"values": [{"asked": 0, "held": 0}, {"asked": 1, "held": 1}]},
                "mark": {"type": "line", "strokeDash": [4, 4], "color": "grey"},
                "encoding": {"x": asked, "y": held},
            },
            {
                "data": {"values": rows},
                "mark": {"type": "line", "point": True},
                "encoding": {"x": asked, "y": held, "color": curve},
            },
        ],
    }
    path.write_bytes(vl_convert.vegalite_to_png(chart, scale=2))


def _describe_lstm(training: CurveTraining) -> str:
    """The network's memory in words."""
    if training.causal:
        return f"an LSTM of {training.recurrent_units} units that takes one second in a step"
    units, stride = training.recurrent_units, training.stride_s
    return f"a bidirectional LSTM of {units} units a direction that takes {stride} s in a step"


def _tell_cost(evaluation: Evaluation) -> str:
    """What looking back only costs: mean r beside that of the weights that see the whole film."""
    whole = read_curve_figures()
    live = summarise_row(find_shipped(evaluation), evaluation)["mean"]
    rows = {
        f"`{whole.model_id}`, which sees the whole film": [whole.held_out[name] for name in evaluation.curves],
        "this": [live[name]["r"] for name in evaluation.curves],
        "what it costs": [whole.held_out[name] - live[name]["r"] for name in evaluation.curves],
    }
    head = f"| mean r | {' | '.join(evaluation.curves)} |\n|{'---|' * (1 + len(evaluation.curves))}"
    lines = [f"| {name} | {' | '.join(f'{r:.2f}' for r in figures)} |" for name, figures in rows.items()]
    return (
        "\nWhat it costs to look back only, a second a step and with as many members as here:\n\n"
        + "\n".join([head, *lines])
        + "\n"
    )


def _list_ranges(shares: npt.NDArray[np.float64]) -> list[tuple[float, float]]:
    """The least and the most over the blocks, curve by curve."""
    return list(zip(shares.min(axis=0), shares.max(axis=0), strict=True))


def _join_figures(figures: Floats) -> str:
    """Figures as cells of a table."""
    return " | ".join(f"{figure:.2f}" for figure in figures)
