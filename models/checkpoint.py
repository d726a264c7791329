"""The curve model as it is kept: networks and a regression in one .keras file that says what they expect."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import ops

import models.linear_net  # noqa: F401  (a file can only be loaded once all its layers are registered)
from models.band import BandFit, band_half_width
from models.evaluate_curves import mix_values
from models.examples import Floats
from models.loading import load_network
from models.shipped import CURVE_WEIGHTS, identify_curve_model
from models.spec import STREAMS, CurveSpec
from models.tuned_net import TunedCurves


@keras.saving.register_keras_serializable(package="throughline")
class CurveEnsemble(keras.Model):
    """Several curve networks that differ by their seed, averaged; half of what each says is the regression's.

    Args:
        members: the networks.
        linear: the regression, with the same inputs and outputs.
        spec: a `CurveSpec` as a dict.
    """

    def __init__(
        self, members: Sequence[keras.Model], linear: keras.Model, spec: Mapping[str, Any], **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.members = list(members)
        self.linear = linear
        self.spec = dict(spec)
        first = self.members[0]
        # The members are one network with other weights: TensorFlow needs to be told only once what it does.
        self._ask = tf.function(
            lambda trained, others, inputs: first.stateless_call(trained, others, inputs, training=False)[0]
        )

    def call(self, inputs: Any) -> dict[str, Any]:
        """Inputs as of `build_curve_net` -> `values`, `spread` (B, T, C) and `shares` (B, T, C, 3)."""
        outputs = []
        for member in self.members:
            weights = [[v.value for v in some] for some in (member.trainable_variables, member.non_trainable_variables)]
            outputs.append(self._ask(*weights, inputs))
        return self.join(outputs, self.linear(inputs))

    def build_from_config(self, config: dict[str, Any]) -> None:
        """Members come built: Keras would call all of them to find that out, which takes seconds."""
        self.built = True

    def join(self, outputs: Sequence[Mapping[str, Any]], linear: Mapping[str, Any]) -> dict[str, Any]:
        """Mix what each network says with what the regression says, and average."""
        values = ops.stack([mix_values(output["values"], linear["values"]) for output in outputs])  # (M, B, T, C)
        shares = ops.stack([mix_values(output["shares"], linear["shares"]) for output in outputs])  # (M, B, T, C, 3)
        return {
            "values": ops.mean(values, axis=0),
            "spread": ops.std(values, axis=0),
            "shares": ops.mean(shares, axis=0),
        }

    def get_config(self) -> dict[str, Any]:
        """Members and spec."""
        members = [keras.saving.serialize_keras_object(member) for member in self.members]
        linear = keras.saving.serialize_keras_object(self.linear)
        return {"name": self.name, "members": members, "linear": linear, "spec": self.spec}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "CurveEnsemble":
        """Rebuild members and regression, without their weights."""
        members = [keras.saving.deserialize_keras_object(member) for member in config.pop("members")]
        return cls(members=members, linear=keras.saving.deserialize_keras_object(config.pop("linear")), **config)


class CurveModel:
    """A trained ensemble, or a tuned copy of it, ready to be asked; what `pipeline.curves` calls the model.

    Attributes:
        model_id: which weights these are, as `identify_curve_model` names them.
        curves: names of the C curves.
        columns: for each stream the names of its columns.
        read: for each stream those of them that any network or regression in it looks at.
        reference: for each stream mean and deviation, each (D,) float32.
        domain: for each stream mean, deviation, each (D,) float32, and limit, as in `CurveSpec`.
    """

    def __init__(self, ensemble: CurveEnsemble | TunedCurves, model_id: str) -> None:
        spec = CurveSpec(**ensemble.spec)
        self.model_id = model_id
        self.curves = tuple(spec.curves)
        self.columns = {name: tuple(spec.columns[name]) for name in STREAMS}
        self.read = {name: list_read(ensemble, name, self.columns[name]) for name in STREAMS}
        self.reference = {
            name: (
                np.array(spec.reference_mean[name], np.float32),
                np.array(spec.reference_deviation[name], np.float32),
            )
            for name in STREAMS
        }
        self.domain = {
            name: (
                np.array(spec.domain_mean[name], np.float32),
                np.array(spec.domain_deviation[name], np.float32),
                float(spec.domain_limit[name]),
            )
            for name in STREAMS
        }
        self._band = BandFit.from_spec(spec)
        shapes = {name: (None, None, len(self.columns[name])) for name in STREAMS} | {"present": (None, None, 3)}
        signature = {name: tf.TensorSpec(shape, tf.float32, name=name) for name, shape in shapes.items()}
        # One trace for every length: an eager call is 60 times slower and a fixed length would be traced anew a film.
        self._run = tf.function(lambda inputs: ensemble(inputs), input_signature=[signature])

    def predict(self, inputs: Mapping[str, Floats]) -> dict[str, Floats]:
        """Run a batch of windows.

        Args:
            inputs: each stream's columns (B, T, D) and `present` (B, T, 3), float32.

        Returns:
            `values` and `half_width` (B, T, C) and `shares` (B, T, C, 3), float32.
        """
        return self.add_band({name: array.numpy() for name, array in self._run(dict(inputs)).items()})

    def add_band(self, outputs: Mapping[str, Floats]) -> dict[str, Floats]:
        """Put the `half_width` of the band (..., C) in the place of the members' `spread`.

        It is drawn by the values, or by those that are said to be `banded`.
        """
        half_width = band_half_width(outputs.get("banded", outputs["values"]), outputs["spread"], self._band)
        return {"values": outputs["values"], "shares": outputs["shares"], "half_width": half_width}


def list_read(model: CurveEnsemble | TunedCurves, stream: str, columns: Sequence[str]) -> tuple[str, ...]:
    """List those of a stream's columns that a model looks at, in order."""
    base = model.base if isinstance(model, TunedCurves) else model
    networks = [*base.members, base.linear, *([model.correction] if isinstance(model, TunedCurves) else [])]
    choices = (f"{stream}_read", "spoken_read", "speech_read") if stream == "transcript" else (f"{stream}_read",)
    layers = [layer for network in networks for layer in network.layers if layer.name in choices]
    kept = {index for layer in layers for index in layer.kept}
    return tuple(name for index, name in enumerate(columns) if index in kept)


def save_curve_model(members: Sequence[keras.Model], linear: keras.Model, spec: CurveSpec, path: Path) -> None:
    """Write an ensemble to a .keras file."""
    ensemble = CurveEnsemble(members, linear, asdict(spec))
    shapes = {name: (1, 2, len(spec.columns[name])) for name in STREAMS} | {"present": (1, 2, 3)}
    ensemble({name: np.zeros(shape, np.float32) for name, shape in shapes.items()})
    ensemble.save(path)


def load_curve_model(path: Path = CURVE_WEIGHTS) -> CurveModel:
    """Load a curve model; only code of this package and Keras's own is ever run (safe mode).

    Args:
        path: a .keras file; the weights that ship if none is given.

    Raises:
        ValueError: the file is missing or is not a curve model.
    """
    kinds: tuple[type[Any], ...] = (CurveEnsemble, TunedCurves)
    model = CurveModel(load_network(path, kinds, name="a curve model"), identify_curve_model(path))
    # Asked once, for TensorFlow puts its graph together with the first question: that belongs to loading.
    silence = {name: np.zeros((1, 1, len(model.columns[name])), np.float32) for name in STREAMS}
    model.predict({**silence, "present": np.zeros((1, 1, 3), np.float32)})
    return model
