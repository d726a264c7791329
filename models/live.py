"""A causal curve model fed second by second, with the state of its LSTMs carried from one to the next."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from models.checkpoint import CurveEnsemble, CurveModel
from models.context import SpokenMeans
from models.curve_net import ContextMeans
from models.examples import Floats
from models.loading import load_network
from models.shipped import LIVE_WEIGHTS, identify_curve_model
from models.spec import STREAMS


class LiveCurveModel(CurveModel):
    """A trained causal ensemble that can be asked of a film's seconds one after another.

    What it says of a second is what it says of it in the whole film: the moving means rest on the last seconds, which it
    keeps, and all that lies further back has come through the LSTMs' states.

    Args:
        ensemble: the networks and the regression.
        model_id: which weights these are.

    Raises:
        ValueError: a network that looks ahead.
    """

    def __init__(self, ensemble: CurveEnsemble, model_id: str) -> None:
        super().__init__(ensemble, model_id)
        cells = [member.get_layer("recurrent") for member in ensemble.members]
        if any(isinstance(cell, keras.layers.Bidirectional) for cell in cells):
            raise ValueError("these networks look ahead: they cannot follow a film that is still being written")
        self._ensemble = ensemble
        self._fronts = [_take_front(member) for member in ensemble.members]
        self._step = tf.function(self._run_step, reduce_retracing=True)
        self._units = [cell.units for cell in cells]
        self._needed_s = max(map(_find_window, ensemble.members))
        self._looks_back_s = max(self._needed_s, _find_window(ensemble.linear))
        self.begin()

    def begin(self) -> None:
        """Forget what was: the next second is a film's first."""
        widths = {**{name: len(self.columns[name]) for name in STREAMS}, "present": len(STREAMS)}
        # A window of one length is traced once: seconds before the film's first are absent from it, as they are from means.
        self._window = {name: np.zeros((1, self._looks_back_s, width), np.float32) for name, width in widths.items()}
        self._states: Any = [[np.zeros((1, units), np.float32)] * 2 for units in self._units]

    def step(self, inputs: Mapping[str, Floats]) -> dict[str, Floats]:
        """Take the next second.

        Args:
            inputs: each stream's columns (D,) and `present` (3,), float32.

        Returns:
            `values` and `half_width` (C,) and `shares` (C, 3), float32.
        """
        for name, rows in self._window.items():
            rows[:, :-1] = rows[:, 1:]
            rows[:, -1] = inputs[name]
        outputs, self._states = self._step(self._window, self._states)
        return self.add_band({name: output.numpy()[0, 0] for name, output in outputs.items()})

    def _run_step(self, window: Any, states: Any) -> Any:
        """Window (1, W, D) a stream and each member's state -> `values` and `spread` (1, 1, C), `shares`, and the states."""
        outputs, after = [], []
        late = {name: rows[:, -self._needed_s :] for name, rows in window.items()}
        for member, front, state in zip(self._ensemble.members, self._fronts, states, strict=True):
            seen = front(late, training=False)
            trunk, fused, shares = (seen[name][:, -1:] for name in ("trunk", "fused", "shares"))
            _, state = member.get_layer("recurrent").cell(trunk[:, 0], state)
            values = member.get_layer("heads")(state[0][:, None], fused)  # (1, 1, C)
            outputs.append({"values": values, "shares": shares})
            after.append(state)
        linear = {name: output[:, -1:] for name, output in self._ensemble.linear(window).items()}
        return self._ensemble.join(outputs, linear), after


def _find_window(network: keras.Model) -> int:
    """How many seconds, with the one that it is asked about, a network's moving means rest on."""
    means = [layer for layer in network.layers if isinstance(layer, ContextMeans | SpokenMeans)]
    return max([1, *(width for layer in means for width in layer.widths)])


def _take_front(member: keras.Model) -> keras.Model:
    """The part of a network before its LSTM: it needs the last seconds only, and carries nothing along."""
    fused, shares = member.get_layer("fusion").output
    return keras.Model(member.inputs, {"trunk": member.get_layer("trunk").output, "fused": fused, "shares": shares})


def load_live_model(path: Path = LIVE_WEIGHTS) -> LiveCurveModel:
    """Load a causal curve model; only code of this package and Keras's own is ever run (safe mode).

    Args:
        path: a .keras file; the weights that ship if none is given.

    Raises:
        ValueError: the file is missing, is not a curve model, or looks ahead.
    """
    return LiveCurveModel(load_network(path, CurveEnsemble, name="a curve model"), identify_curve_model(path))
