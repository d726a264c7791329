"""The shipped curves with a correction fitted to a studio's own ratings, in one .keras file."""

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from models.fine_tune import CurveFit, fits_to_ridge
from models.linear_net import build_linear_net
from models.spec import STREAMS, CurveNetSettings, CurveSpec


@keras.saving.register_keras_serializable(package="throughline")
class TunedCurves(keras.Model):
    """The frozen ensemble, a new head on what it says, and a regression on what was measured.

    Args:
        base: the ensemble that ships.
        correction: a regression with the same inputs; its values are added.
        spec: a `CurveSpec` as a dict.
    """

    def __init__(self, base: keras.Model, correction: keras.Model, spec: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.base = base
        self.correction = correction
        self.spec = dict(spec)
        curves = len(self.spec["curves"])
        self.heads = self.add_weight(name="heads", shape=(curves, curves), initializer="identity", trainable=False)
        self.part = self.add_weight(name="part", shape=(curves,), initializer="zeros", trainable=False)

    def set_heads(self, heads: Any, part: Any) -> None:
        """Set what is fitted.

        Args:
            heads: (C, C), by what the shipped curves are multiplied; the identity keeps them.
            part: (C,) in [0, 1], what part of each curve's movement the correction's streams are counted as.
        """
        self.heads.assign(heads)
        self.part.assign(part)

    def call(self, inputs: Any) -> dict[str, Any]:
        """Inputs and outputs as of the ensemble; what else it says is passed on."""
        shipped, correction = self.base(inputs), self.correction(inputs)
        drawn = ops.clip(
            shipped["values"], np.array(self.spec["band_lowest"], np.float32), 1.0
        )  # What it was fitted to.
        part = self.part[:, None]  # (C, 1)
        return {
            **shipped,
            "values": ops.matmul(drawn, self.heads) + correction["values"],  # (B, T, C)
            "banded": shipped["values"],  # The band was measured as so many of the shipped ones.
            "shares": (1 - part) * shipped["shares"] + part * correction["shares"],  # (B, T, C, 3)
        }

    def build_from_config(self, config: dict[str, Any]) -> None:
        """Its parts come built, as those of the ensemble."""
        self.built = True

    def get_config(self) -> dict[str, Any]:
        """Base, correction and spec."""
        base, correction = (keras.saving.serialize_keras_object(model) for model in (self.base, self.correction))
        return {"name": self.name, "base": base, "correction": correction, "spec": self.spec}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "TunedCurves":
        """Rebuild base and correction, without their weights."""
        base, correction = (keras.saving.deserialize_keras_object(config.pop(name)) for name in ("base", "correction"))
        return cls(base=base, correction=correction, **config)


def build_tuned_curves(base: keras.Model, fits: Sequence[CurveFit]) -> TunedCurves:
    """Put the shipped ensemble and the corrections of some of its curves together; the other curves stay as they are.

    Args:
        base: the ensemble that ships; its `spec` is a `CurveSpec` as a dict.
        fits: one for each curve that is corrected.
    """
    spec = CurveSpec(**base.spec)
    curves = list(spec.curves)
    heads, part, bands = np.eye(len(curves)), np.zeros(len(curves)), list(spec.band_factor)
    for fit in fits:
        place = curves.index(fit.curve)
        heads[:, place] += fit.heads
        part[place] = fit.part
        bands[place] *= fit.band
    settings = CurveNetSettings(columns=spec.columns, curves=spec.curves)
    correction = build_linear_net(settings, fits_to_ridge(fits, spec))
    tuned = TunedCurves(base, correction, {**base.spec, "band_factor": bands})
    shapes = {name: (1, 2, len(spec.columns[name])) for name in STREAMS} | {"present": (1, 2, len(STREAMS))}
    tuned({name: np.zeros(shape, np.float32) for name, shape in shapes.items()})
    tuned.set_heads(heads.astype(np.float32), part.astype(np.float32))
    return tuned
