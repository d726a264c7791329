"""The network that finds shot boundaries: a short convolution, a bidirectional GRU, a head for where and one for what kind.

Axis letters: B batch, N rows of the 25 Hz grid, D columns, K = 4 kinds.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf
from keras import layers, ops

from models.curve_net import ColumnScaling
from models.loading import load_network
from models.shipped import SHOT_WEIGHTS, identify_shot_model
from models.spec import SHOT_KINDS, ShotNetSettings

Floats = npt.NDArray[np.float32]

WEIGHTS = SHOT_WEIGHTS
"""The weights that ship with the program."""

WINDOW_ROWS = 5
"""What the convolution sees at once: sharp boundaries are told apart from flicker here, the GRU sees the rest."""


def build_shot_net(settings: ShotNetSettings, *, seed: int) -> keras.Model:
    """Build one network.

    Args:
        settings: names and sizes.
        seed: of weights and dropout; the same seed gives the same network.

    Returns:
        (B, N, D) -> a dict of `boundary` (B, N), the probability that a new shot begins with the row, and `kinds`
        (B, N, K), the probability of each of `SHOT_KINDS`, given that something is there.
    """
    keras.utils.set_random_seed(seed)
    columns = keras.Input((None, len(settings.columns)), name="columns")
    scaled = ColumnScaling(name="scaling")(columns)
    local = layers.Conv1D(settings.units, WINDOW_ROWS, padding="same", activation="relu", name="local")(scaled)
    local = layers.Dropout(settings.dropout, name="local_dropout")(local)  # (B, N, units)
    gru = layers.GRU(settings.recurrent_units, return_sequences=True)
    recurrent = layers.Bidirectional(gru, name="recurrent")(local)  # (B, N, 2 * recurrent_units)
    both = layers.Concatenate(name="both")([local, recurrent])
    both = layers.Dropout(settings.dropout, name="both_dropout")(both)
    hidden = layers.Dense(settings.units, activation="relu", name="hidden")(both)  # (B, N, units)
    boundary = layers.Dense(1, activation="sigmoid", name="boundary_head")(hidden)  # (B, N, 1)
    kinds = layers.Dense(len(SHOT_KINDS), activation="softmax", name="kinds")(hidden)  # (B, N, K)
    return keras.Model(columns, {"boundary": boundary[..., 0], "kinds": kinds}, name="shot_net")


@keras.saving.register_keras_serializable(package="throughline")
class ShotEnsemble(keras.Model):
    """Several shot networks that differ by their seed, averaged.

    Args:
        members: the networks.
        columns: names of their columns.
    """

    def __init__(self, members: Sequence[keras.Model], columns: Sequence[str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.members = list(members)
        self.columns = list(columns)

    def call(self, inputs: Any, training: bool = False) -> dict[str, Any]:
        """Inputs and outputs as of `build_shot_net`."""
        outputs = [member(inputs, training=training) for member in self.members]
        return {name: ops.mean(ops.stack([each[name] for each in outputs]), axis=0) for name in ("boundary", "kinds")}

    def get_config(self) -> dict[str, Any]:
        """Members and columns."""
        members = [keras.saving.serialize_keras_object(member) for member in self.members]
        return {"name": self.name, "members": members, "columns": list(self.columns)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "ShotEnsemble":
        """Rebuild the members, without their weights."""
        members = [keras.saving.deserialize_keras_object(member) for member in config.pop("members")]
        return cls(members=members, **config)


class ShotModel:
    """Trained networks, ready to be asked; what `pipeline.features.shots` calls the model.

    Args:
        ensemble: the networks.
        model_id: which weights these are, as `identify_shot_model` names them.
    """

    def __init__(self, ensemble: ShotEnsemble, model_id: str) -> None:
        self.model_id = model_id
        self.columns = tuple(ensemble.columns)
        self.kinds = SHOT_KINDS
        signature = [tf.TensorSpec((None, None, len(self.columns)), tf.float32, name="columns")]
        # One trace for every length: an eager call runs row by row and is a hundred times slower.
        self._run = tf.function(lambda columns: ensemble(columns, training=False), input_signature=signature)

    def predict(self, columns: Floats) -> dict[str, Floats]:
        """Run a batch of windows.

        Args:
            columns: (B, N, D) float32.

        Returns:
            `boundary` (B, N) and `kinds` (B, N, K), float32.
        """
        return {name: array.numpy() for name, array in self._run(columns).items()}


def save_shot_model(members: Sequence[keras.Model], columns: Sequence[str], path: Path) -> None:
    """Write networks to a .keras file."""
    ensemble = ShotEnsemble(members, columns)
    ensemble(np.zeros((1, 2, len(columns)), np.float32))
    ensemble.save(path)


def load_shot_model(path: Path | None = None) -> ShotModel:
    """Load a shot model; only code of this package and Keras's own is ever run (safe mode).

    Args:
        path: a .keras file; None loads the weights that ship.

    Raises:
        ValueError: the file is missing or is not a shot model.
    """
    path = path or WEIGHTS
    ensemble = load_network(path, ShotEnsemble, name="a shot model")
    return ShotModel(ensemble, identify_shot_model(path))
