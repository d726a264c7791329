"""The network that reads the affect of a line: bags of hashed n-grams, shared layers, a head for each kind of label.

Axis letters: N lines, L n-gram slots of a line, E embedding units, D columns of the affect vector.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from keras import layers, ops

from models.shipped import TEXT_WEIGHTS, identify_text_model
from models.text_examples import EMOTIONS, HEADS
from models.text_ngrams import hash_lines

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
    """

    word_buckets: int = 40_000
    word_slots: int = 64
    word_orders: Sequence[int] = (1, 2)
    character_buckets: int = 40_000
    character_slots: int = 224
    character_orders: Sequence[int] = (3, 4, 5)
    embedding_units: int = 32
    hidden_units: int = 128
    affect_units: int = 10
    ngram_dropout: float = 0.35
    dropout: float = 0.5


@keras.saving.register_keras_serializable(package="throughline")
class NgramBag(layers.Layer):
    """Embed the hashed n-grams of a line and pool them, each by a weight it has learned.

    pooled = sum_i w_i e_i / sqrt(1 + sum_i w_i^2) with w_i = exp(s_i), s_i a learned scalar for each bucket. A line
    without any n-gram gives zeros. How a string becomes n-grams is part of the configuration, so it travels in the
    .keras file.

    Args:
        of_words: n-grams of words; else of characters.
        orders: the lengths of the n-grams.
        slots: L.
        buckets: how many hash buckets there are; number 0 is an empty slot.
        units: E.
        dropout: share of n-grams left out in training.
    """

    def __init__(
        self,
        *,
        of_words: bool,
        orders: Sequence[int],
        slots: int,
        buckets: int,
        units: int,
        dropout: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.of_words, self.orders, self.slots = of_words, tuple(orders), slots
        self.buckets, self.units, self.dropout = buckets, units, dropout
        self.random = keras.random.SeedGenerator(7)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make a vector and a scalar for each bucket."""
        spread = keras.initializers.RandomNormal(stddev=0.05, seed=11 if self.of_words else 13)
        self.vectors = self.add_weight(name="vectors", shape=(self.buckets, self.units), initializer=spread)
        self.scales = self.add_weight(name="scales", shape=(self.buckets, 1), initializer="zeros")

    def call(self, inputs: Any, training: bool = False) -> Any:
        """(N, L) int32 -> (N, E)."""
        kept = ops.cast(ops.not_equal(inputs, 0), self.compute_dtype)  # (N, L)
        if training and self.dropout > 0:
            drawn = keras.random.uniform(ops.shape(inputs), seed=self.random)
            kept = kept * ops.cast(drawn >= self.dropout, self.compute_dtype)
        weights = ops.exp(ops.take(self.scales, inputs, axis=0)[..., 0]) * kept  # (N, L)
        vectors = ops.take(self.vectors, inputs, axis=0)  # (N, L, E)
        pooled = ops.einsum("nl,nle->ne", weights, vectors)  # (N, E)
        return pooled / ops.sqrt(1.0 + ops.sum(ops.square(weights), axis=1, keepdims=True))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """(N, L) -> (N, E)."""
        return (input_shape[0], self.units)

    def hash_lines(self, lines: Sequence[str]) -> npt.NDArray[np.int32]:
        """The bucket numbers of N lines: (N, L) int32."""
        return hash_lines(lines, of_words=self.of_words, orders=self.orders, slots=self.slots, buckets=self.buckets)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer."""
        names = ("of_words", "orders", "slots", "buckets", "units", "dropout")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


@keras.saving.register_keras_serializable(package="throughline")
class DecisionThreshold(layers.Layer):
    """Say which labels a line carries: those whose probability reaches the label's own threshold.

    The thresholds are weights, .5 until `set_thresholds`, so they travel in the .keras file; no gradient passes.
    """

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make a threshold for each of K labels."""
        half = keras.initializers.Constant(0.5)
        self.thresholds = self.add_weight(
            name="thresholds", shape=(input_shape[-1],), initializer=half, trainable=False
        )

    def set_thresholds(self, thresholds: npt.ArrayLike) -> None:
        """Set the thresholds: (K,) in [0, 1]."""
        self.thresholds.assign(np.asarray(thresholds, np.float32))

    def call(self, inputs: Any) -> Any:
        """(N, K) -> (N, K) of 0 and 1."""
        return ops.cast(ops.greater_equal(inputs, self.thresholds), self.compute_dtype)


def build_text_net(settings: TextNetSettings) -> keras.Model:
    """Build the network: hashed n-grams in, one output for each head and the affect units out.

    The narrow affect layer feeds the comments head, beside the shared layer, and so learns from its 28 labels.

    Args:
        settings: sizes.

    Returns:
        Inputs `words` and `characters`, (N, L) int32. Outputs by name: `emotions` (N, 8), `neutral` (N, 1), `comments`
        (N, 28) in [0, 1]; `ratings` (N, 3) in [-1, 1]; `affect` (N, affect_units) in [-1, 1]; `decisions` (N, 8), 1 for
        each emotion that reaches its threshold.
    """
    shared: dict[str, Any] = {"units": settings.embedding_units, "dropout": settings.ngram_dropout}
    bags = (
        NgramBag(
            name="words_bag", of_words=True, orders=settings.word_orders, slots=settings.word_slots,
            buckets=settings.word_buckets, **shared,
        ),
        NgramBag(
            name="characters_bag", of_words=False, orders=settings.character_orders, slots=settings.character_slots,
            buckets=settings.character_buckets, **shared,
        ),
    )  # fmt: skip
    inputs = {
        name: keras.Input((bag.slots,), dtype="int32", name=name)
        for name, bag in zip(("words", "characters"), bags, strict=True)
    }
    pooled = layers.Concatenate()([bag(x) for bag, x in zip(bags, inputs.values(), strict=True)])  # (N, 2 E)
    x = layers.Dropout(settings.dropout, seed=1)(pooled)
    x = layers.Dense(settings.hidden_units, activation="gelu", name="shared")(x)  # (N, hidden)
    x = layers.Concatenate()([layers.Dropout(settings.dropout, seed=2)(x), pooled])  # (N, hidden + 2 E)
    affect = layers.Dense(settings.affect_units, activation="tanh", name="affect")(x)
    outputs = {"affect": affect}
    for head, names in HEADS.items():
        activation = "tanh" if head == "ratings" else "sigmoid"
        features = layers.Concatenate()([x, affect]) if head == "comments" else x
        outputs[head] = layers.Dense(len(names), activation=activation, name=head)(features)
    outputs["decisions"] = DecisionThreshold(name="decisions")(outputs["emotions"])
    return keras.Model(inputs, outputs, name="text_net")


def hash_inputs(network: keras.Model, lines: Sequence[str]) -> dict[str, npt.NDArray[np.int32]]:
    """What the network is fed for N lines: `words` and `characters`, (N, L) int32, made as its own layers say."""
    return {name: network.get_layer(f"{name}_bag").hash_lines(lines) for name in ("words", "characters")}


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
        outputs = self.network.predict(hash_inputs(self.network, padded), batch_size=BATCH, verbose=0)
        # The affect units stay inside: as ten more columns they only gave the curve network more to overfit.
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
