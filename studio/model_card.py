"""Writing the curve network's card beside its weights, with the figures as they came out."""

from dataclasses import dataclass, replace
from pathlib import Path

from models.evaluate_curves import SHIPPED, Evaluation, format_table
from models.examples import GAP_S, CurveExamples, Floats
from models.spec import CurveTraining
from pipeline.dataset.studyforrest import EMOTION_GROUPS, UNEASE

CARD = """# Model card: {model_id}

Draws tension, arousal, valence and six emotions of a film, one value a second, from its picture, sound and dialogue.
Rebuild: `python -m studio train models/curve_net.toml`. Measure: `python -m studio evaluate curves`.
This card is written by the first of these commands.

## What it is
{members} networks of {parameters:,} weights each that differ by their seed, and one ridge regression; what ships is the mean of the
regression and the networks' mean. A network has one encoder a stream, a gate that weighs the streams for each curve, a bidirectional LSTM of
{units} units a direction, and one head a curve. The regression reads the same columns and their means over 5 to 121 s. A stream's share, as the
app shows it, is the mean of its gate and of its part in the regression's sum. Any stream may be absent. Settings: `models/curve_net.toml`.

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

The mixtures are scored as the networks and the regression see whole segments; in the app a film passes in windows of 640 s, its levels matched
to the training film's, which this table leaves out.

How the recipe was chosen: units, dropout, steps and loss of the network were fixed beforehand. Alone it stayed behind the ridge, so about twenty
variants were tried on these six segments, mostly with one seed (`docs/experiments.md`): contexts, weights of the curves in the loss, which text
columns, trunk, dropout, noise, learning rate, crop length. The weights of the curves, the eleven text columns and the mixing with the ridge
are what was kept. The rows of networks and mixtures are therefore somewhat optimistic. The two segments that are unlabelled here took no part in
any choice.

All curves, the shipped recipe:

{all_curves}

The spread over segments is larger than most differences between rows: with {blocks} segments of one film, an advantage of a few
hundredths is not proven. How far people agree, for comparison: ratings of the sound-only version by other observers (same study) follow these
at .40 (arousal), .72 (valence), .58 (fear) and .69 (tension proxy).

## The band
factor × sqrt(floor² + spread of the members²), fitted so that it held 80 % of the held-out ratings of the table above; the fit
and the coverage are on the same held-out predictions, so a new film's ratings will fall inside somewhat less often.

| curve | {curve_names} |
|---|{rules}|
| floor | {floors} |
| factor | {factors} |

## Limits
- One film, one genre mix, one culture's raters, an English dialogue track. Animation, silent film, documentary and music video lie
  outside what it has seen; the curves are then an extrapolation.
- It hears loudness and its movement, not what sounds; it sees brightness, change and coarse texture, not what is shown.
- It rates what is portrayed, not what a viewer feels. It guides a person's judgement and replaces none of it.
- Seconds next to one another are near copies; do not read meaning into a single second.
"""


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
        band_floor: (C,) as in `CurveSpec`.
        band_factor: (C,) as in `CurveSpec`.
    """

    model_id: str
    training: CurveTraining
    seeds: tuple[int, ...]
    evaluation: Evaluation
    film: CurveExamples
    parameters: int
    text_id: str
    band_floor: Floats
    band_factor: Floats


def write_curve_card(path: Path, facts: CardFacts) -> None:
    """Write the card.

    Args:
        path: where to.
        facts: what it tells.
    """
    evaluation, film = facts.evaluation, facts.film
    shipped = next(row for row in evaluation.rows if row.name == SHIPPED)
    path.write_text(
        CARD.format(
            model_id=facts.model_id,
            members=len(facts.seeds),
            parameters=facts.parameters,
            units=facts.training.recurrent_units,
            rated=int(film.rated.sum()),
            seconds=len(film.ratings),
            blocks=len(evaluation.blocks),
            text_id=facts.text_id,
            unease=" + ".join(UNEASE),
            groups="\n".join(f"  - {name}: {', '.join(columns)}" for name, columns in EMOTION_GROUPS.items()),
            gap=GAP_S,
            seeds=len(facts.seeds),
            table=format_table(evaluation, ("arousal", "valence", "fear", "tension")),
            all_curves=format_table(replace(evaluation, rows=(shipped,))),
            curve_names=" | ".join(evaluation.curves),
            rules="---|" * (len(evaluation.curves) - 1) + "---",
            floors=" | ".join(f"{value:.2f}" for value in facts.band_floor),
            factors=" | ".join(f"{value:.2f}" for value in facts.band_factor),
        )
    )
