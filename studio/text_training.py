"""Rebuilding and measuring the text network: the `text` of `train` and `evaluate`."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.text_examples import EMOTIONS
from pipeline.dataset.text import read_labelled_lines, read_text_examples
from pipeline.errors import FilmError, ModelError
from pipeline.types import Progress, Report

if TYPE_CHECKING:
    from models.text_net import KerasTextModel

CARD = """\
# Model card: text_net

Reads the affect of one line of dialogue: eight emotions (Plutchik), valence, arousal, and whether it is neutral. It is one of
the three streams that the curve network fuses; by itself it decides nothing. This card is written by the command that trains it.

**Form.** Hashed runs of {word_orders} words and of {character_orders} characters. From these, two answers are made and averaged (the
network's share is {network_share}, of the ratings {ratings_share}). One is a network: n-grams embedded ({embedding_units} units), pooled by learned weights, one shared layer
({hidden_units}), one head per kind of label. The other is a ridge regression on the TF-IDF of the same n-grams, which also takes in what such a
regression learned from the other corpora.
{parameters:.1f} million numbers, {megabytes:.1f} MB. The hashing and the decision thresholds lie inside the file.

**Data.** Training parts only, English:
XED, annotated film subtitle lines, and projected lines at half weight, and neutral lines (Öhman et al. 2020, CC BY 4.0);
EmoBank, rated sentences (Buechel and Hahn 2017, CC BY-SA 4.0);
GoEmotions, comments with 27 emotions and neutral (Demszky et al. 2020, Apache 2.0).
Nothing in the file was learned from any other text.

**Protocol.** XED is split .8 / .1 / .1 by a hash of each line's words, so that lines which differ only in spacing, case or
punctuation stay together; the others keep their published splits. A line held out by any corpus is trained on in none. What
there was to choose was chosen on development lines, or by leaving a fifth of training and development lines out in turn;
the test lines had no part in it. The thresholds are those that do best on the development lines. Emotions are scored on XED's annotated
lines; the neutral ones have no part in that figure.

**Figures.** macro F1 {macro_f1:.3f} on {lines:,} test lines of XED ({dev_f1:.3f} on the development lines, where its thresholds were chosen).

{table}

EmoBank test (1,000 sentences): Pearson r {valence_r:.3f} for valence, {arousal_r:.3f} for arousal. A neutral line is given a higher neutral
probability than an emotional one in {neutral_auc:.1%} of pairs. {verdict}

**Limits.** It sees a line without the scene, the voice or the face; people disagree about such lines too. Arousal from words
alone is weak. Emotion probabilities are those of a line that carries some emotion: read them beside `neutral`. Other
languages are read without failing, but it has learned English only: of a transcript in another language the program says so, and the
columns mean little. A line is read as far as its first {word_slots} runs of words and {character_slots} runs of characters.

**Rebuild.** `python -m studio train models/text_net.toml` (about four minutes on one core). Beside a support vector machine that is
no part of it: `python -m benchmarks.text`.
"""


def train_text(tables: Mapping[str, Mapping[str, Any]], data: Path, report: Report) -> Path:
    """Train the text network anew, and write its weights and its card to `models/weights/`.

    Args:
        tables: the tables of the TOML file.
        data: the folder of data sets.
        report: called as the work goes along.

    Returns:
        The weights file.

    Raises:
        DataError: the data sets are not there.
        FilmError: a setting does not exist.
    """
    examples = read_text_examples(data / "text")
    from models.text_net import WEIGHTS
    from models.train_text import evaluate_text_net, score_parts, train_text_net

    steps = 0

    def say(line: str) -> None:
        nonlocal steps
        steps += 1
        report(Progress(stage=line, done=min(0.1 * steps, 0.95), position_s=0.0))

    try:
        trained = train_text_net(examples, tables, report=say)
    except ValueError as error:
        raise FilmError(str(error), "See models/text_net.toml for the settings that there are.") from error
    trained.network.save(WEIGHTS)
    scores = evaluate_text_net(trained.network, examples)
    card = write_card(
        tables["network"],
        scores=scores,
        parts=score_parts(trained.network, examples),
        dev_f1=trained.scores["macro_f1"],
        parameters=trained.network.count_params(),
        weights=WEIGHTS,
    )
    WEIGHTS.with_suffix(".md").write_text(card, encoding="utf-8")
    report(Progress(stage=f"Development macro F1 {trained.scores['macro_f1']:.3f}", done=1.0, position_s=0.0))
    return WEIGHTS


def write_card(
    network: Mapping[str, Any],
    *,
    scores: Mapping[str, Any],
    parts: Mapping[str, Mapping[str, float]],
    dev_f1: float,
    parameters: int,
    weights: Path,
) -> str:
    """Write the model card.

    Args:
        network: the table of that name.
        scores: `evaluate_text_net` on the test lines.
        parts: `score_parts`: F1 by emotion of what it is made of and of those that know nothing.
        dev_f1: macro F1 on the development lines.
        parameters: how many numbers the file holds.
        weights: the saved file.
    """
    rows = {"text_net": scores["f1"], **parts}
    macro = {name: sum(f1.values()) / len(f1) for name, f1 in rows.items()}
    table = ["| F1, XED test | macro | " + " | ".join(EMOTIONS) + " |", "|---" * (2 + len(EMOTIONS)) + "|"]
    for name, f1 in rows.items():
        table.append(f"| {name} | " + " | ".join(f"{value:.3f}" for value in (macro[name], *f1.values())) + " |")
    best = max(parts, key=lambda name: macro[name])
    verdict = (
        f"The mean is ahead of either part alone by {macro['text_net'] - macro[best]:.3f} of macro F1."
        if macro["text_net"] > macro[best]
        else f"On these lines {best} alone does better, by {macro[best] - macro['text_net']:.3f} of macro F1."
    )
    shown = {key: value for key, value in network.items() if not key.endswith("orders")}
    return CARD.format(
        **shown,
        **{key: scores[key] for key in ("macro_f1", "lines", "valence_r", "arousal_r", "neutral_auc")},
        word_orders=_name_orders(network["word_orders"]),
        character_orders=_name_orders(network["character_orders"]),
        parameters=parameters / 1e6,
        megabytes=weights.stat().st_size / 1e6,
        dev_f1=dev_f1,
        table="\n".join(table),
        verdict=verdict,
    )


def evaluate_text(data: Path, lines: Path | None) -> tuple[str, dict[str, Any]]:
    """Score the shipped text network on the held-out lines, or on lines kept elsewhere.

    Args:
        data: the folder of data sets.
        lines: a file of labelled lines; None takes the test lines of the data sets.

    Returns:
        What to print, and the same as values.
    """
    from models.train_text import evaluate_text_net

    examples = read_text_examples(data / "text") if lines is None else read_labelled_lines(lines)
    model = load_text()
    scores = evaluate_text_net(model.network, examples)
    figures = {"XED macro F1": "macro_f1", "EmoBank valence r": "valence_r", "EmoBank arousal r": "arousal_r"}
    rows = [model.model_id, "", "| | |", "|---|---|"]
    rows += [f"| {words} | {scores[name]:.3f} |" for words, name in figures.items() if scores[name] is not None]
    rows += [f"| F1 of {emotion} | {f1:.3f} |" for emotion, f1 in scores["f1"].items()]
    return "\n".join(rows), {**scores, "model": model.model_id}


def load_text() -> "KerasTextModel":
    """Load the shipped text network.

    Raises:
        ModelError: it is missing or foreign.
    """
    from models.text_net import load_text_model

    try:
        return load_text_model()
    except ValueError as error:
        raise ModelError(str(error), "Rebuild it with: python -m studio train models/text_net.toml") from error


def _name_orders(orders: Sequence[int]) -> str:
    """Lengths of runs for people: `1-2`."""
    return f"{min(orders)}-{max(orders)}"
