"""The network that reads the affect of a line: hashed n-grams, shared layers, a head for each kind of label.

A regression on the same inputs stands beside it, and what is said is the mean of both.

Axis letters: N lines, L slots of a line, E embedding units, D columns of the affect vector.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from keras import layers

from models.shipped import TEXT_WEIGHTS, identify_text_model
from models.text_examples import EMOTIONS, HEADS
from models.text_layers import DecisionThreshold, Level, NgramBag, WeightedMean

Floats = npt.NDArray[np.float32]

WEIGHTS = TEXT_WEIGHTS
BATCH = 256
"""Lines that are read at once; the last batch is filled up, so that one compiled graph serves all."""


@dataclass(frozen=True, kw_only=True)
class TextNetSettings:
    """How large the network is.

    Attributes:
        word_buckets: hash buckets of the runs of words.
        word_slots: runs of words read of a line.
        word_orders: lengths of the runs, words.
        character_buckets: hash buckets of the runs of characters.
        character_slots: runs of characters read of a line.
        character_orders: lengths of the runs, characters.
        embedding_units: E.
        hidden_units: units of the shared layer.
        affect_units: units of the narrow layer that becomes the affect columns.
        ngram_dropout: share of n-grams left out of a line in training.
        dropout: share of units dropped before and after the shared layer in training.
        network_share: of the network in its mean with the regression.
        ratings_share: the same for the ratings.
    """

    word_buckets: int = 65_536
    word_slots: int = 64
    word_orders: Sequence[int] = (1, 2)
    character_buckets: int = 65_536
    character_slots: int = 224
    character_orders: Sequence[int] = (3, 4, 5)
    embedding_units: int = 24
    hidden_units: int = 128
    affect_units: int = 10
    ngram_dropout: float = 0.35
    dropout: float = 0.5
    network_share: float = 0.5
    ratings_share: float = 0.1


INPUTS = ("words", "characters")
"""What the network is fed, each made by the layer `<name>_bag`."""

REGRESSED = ("emotions", "neutral", "ratings")
"""The heads that a regression has a part in."""

REGRESSED_COLUMNS = {"emotions": slice(0, 8), "neutral": slice(8, 9), "ratings": slice(9, 12)}
"""Where each of them lies in the regression's output."""


def build_text_net(settings: TextNetSettings, *, table_dtype: str = "float32") -> keras.Model:
    """Build the network: hashed n-grams in, one output for each head and the decisions out.

    A network and a regression read the same inputs; `WeightedMean` layers named `<head>_mean` put them together. The
    narrow affect layer feeds the comments head, beside the shared layer, and so learns from its 28 labels.

    Args:
        settings: sizes.
        table_dtype: how the tables of n-grams are held: "float32" in training, "float16" where they ship.

    Returns:
        Inputs `words` and `characters`, (N, L) int32. Outputs by name: `emotions` (N, 8), `neutral` (N, 1),
        `comments` (N, 28) in [0, 1]; `ratings` (N, 3) in [-1, 1]; `decisions` (N, 8), 1 for each emotion that reaches
        its threshold.
    """
    units, dropout = settings.embedding_units, settings.ngram_dropout
    bags = _make_bags(settings, "bag", units=units, dropout=dropout, table_dtype=table_dtype)
    slots = {"words": settings.word_slots, "characters": settings.character_slots}
    inputs = {name: keras.Input((slots[name],), dtype="int32", name=name) for name in INPUTS}
    pooled = layers.Concatenate()([bag(inputs[name]) for name, bag in bags.items()])  # (N, 2 E)
    x = layers.Dropout(settings.dropout, seed=1)(pooled)
    x = layers.Dense(settings.hidden_units, activation="gelu", name="shared")(x)  # (N, hidden)
    x = layers.Concatenate()([layers.Dropout(settings.dropout, seed=2)(x), pooled])
    affect = layers.Dense(settings.affect_units, activation="tanh", name="affect")(x)
    regressed = _regress(settings, inputs, table_dtype)
    outputs = {}
    for head, names in HEADS.items():
        activation = "tanh" if head == "ratings" else "sigmoid"
        features = layers.Concatenate()([x, affect]) if head == "comments" else x
        said = layers.Dense(len(names), activation=activation, name=head)(features)
        outputs[head] = said
        if head in REGRESSED:
            columns = regressed[:, REGRESSED_COLUMNS[head]]
            share, low = (settings.ratings_share, -1.0) if head == "ratings" else (settings.network_share, 0.0)
            mean = WeightedMean(name=f"{head}_mean", share=share, low=low, high=1.0)
            outputs[head] = mean([said, columns])
    outputs["decisions"] = DecisionThreshold(name="decisions")(outputs["emotions"])
    return keras.Model(inputs, outputs, name="text_net")


def _make_bags(settings: TextNetSettings, kind: str, **options: Any) -> dict[str, NgramBag]:
    """A bag of word n-grams and one of character n-grams, named `words_<kind>` and `characters_<kind>`."""
    return {
        "words": NgramBag(
            name=f"words_{kind}", of_words=True, orders=settings.word_orders, slots=settings.word_slots,
            buckets=settings.word_buckets, **options,
        ),
        "characters": NgramBag(
            name=f"characters_{kind}", of_words=False, orders=settings.character_orders,
            slots=settings.character_slots, buckets=settings.character_buckets, **options,
        ),
    }  # fmt: skip


def _regress(settings: TextNetSettings, inputs: dict[str, Any], table_dtype: str) -> Any:
    """The regression's path: TF-IDF of n-grams, which is a bag whose scales are fixed.

    Returns:
        (N, 12), the columns of `REGRESSED` side by side.
    """
    units = sum(len(HEADS[head]) for head in REGRESSED)
    terms = [
        bag(inputs[name])
        for name, bag in _make_bags(settings, "regression", units=units, table_dtype=table_dtype).items()
    ]
    return Level(name="regression_level")(layers.Add()(terms))


def read_inputs(network: keras.Model, lines: Sequence[str]) -> dict[str, npt.NDArray[np.int32]]:
    """What the network is fed for N lines: an (N, L) int32 for each of `INPUTS`, made as its own layers say."""
    return {name: network.get_layer(f"{name}_bag").read_lines(lines) for name in INPUTS}


class KerasTextModel:
    """Reads the affect of lines with a trained network.

    Attributes:
        model_id: which weights these are, as `identify_text_model` names them.
        network: the Keras model itself.
        columns: names of the D = 11 columns: the eight emotions, valence, arousal, neutral.
    """

    def __init__(self, network: keras.Model, *, model_id: str) -> None:
        self.network = network
        self.model_id = model_id
        if not isinstance(network.output, dict) or not set(HEADS) <= set(network.output):
            raise ValueError(f"a text network has the outputs {', '.join(HEADS)}")
        self.columns: tuple[str, ...] = (*EMOTIONS, "valence", "arousal", "neutral")

    def read_lines(self, lines: Sequence[str]) -> Floats:
        """Read the affect of each line by itself; its neighbours have no part in it.

        Args:
            lines: N strings of any language, N >= 0; an empty one gives what the network says of no words at all.

        Returns:
            (N, D) float32: emotions and neutral in [0, 1], valence and arousal in [-1, 1].
        """
        if not lines:
            return np.zeros((0, len(self.columns)), np.float32)
        # One batch shape means one compiled graph, and the same sums for a line wherever it stands.
        padded = [*lines, *[""] * (-len(lines) % BATCH)]
        outputs = self.network.predict(read_inputs(self.network, padded), batch_size=BATCH, verbose=0)
        parts = (outputs["emotions"], outputs["ratings"][:, :2], outputs["neutral"])
        vectors: Floats = np.concatenate(parts, axis=1, dtype=np.float32)[: len(lines)]
        return vectors


def load_text_model(path: Path | None = None) -> KerasTextModel:
    """Load trained weights, ready to read lines.

    Args:
        path: a .keras file of this network; the shipped weights where None.

    Returns:
        The model.

    Raises:
        ValueError: the file is missing, or is not a network of this kind.
    """
    path = path or WEIGHTS
    if not path.is_file():
        raise ValueError(f"There is no text model at {path}.")
    try:
        network = keras.saving.load_model(path, compile=False, safe_mode=True)
        return KerasTextModel(network, model_id=identify_text_model(path))
    except Exception as error:  # a foreign file can fail anywhere inside Keras, with any exception
        raise ValueError(f"{path.name} is not a text model of this program.") from error
