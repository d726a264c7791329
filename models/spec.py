"""What a curve network is made for: names, sizes and statistics. Needs no Keras."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

STREAMS = ("frames", "audio", "transcript")
"""Names of the network's stream inputs, in the order of every axis of length 3."""

SHOT_KINDS = ("cut", "fade", "dissolve", "flash")
"""What the shot network tells apart; the last is no boundary."""


@dataclass(frozen=True, kw_only=True)
class CurveNetSettings:
    """How large the network is, and what it is fed.

    Attributes:
        columns: for each stream the names of its input columns.
        curves: names of the curves, in order.
        signed: which of them lie in [-1, 1]; the others lie in [0, 1].
        context_s: widths of the context means that each encoder sees beside the second itself.
        encoder_units: units of each stream's encoder.
        recurrent_units: LSTM units in each direction; 0 builds the non-recurrent twin.
        dropout: share of encoder and recurrent units dropped in training.
        stream_dropout: chance that a whole stream is taken away from a training sequence.
        causal: whether the network looks back only, so that it can follow a film that is still being written: context
            means that end with the second instead of being centred on it, and an LSTM in one direction.
    """

    columns: Mapping[str, Sequence[str]]
    curves: Sequence[str]
    signed: Sequence[str] = ("valence",)
    context_s: Sequence[int] = (5, 15, 45)
    encoder_units: int = 16
    recurrent_units: int = 24
    dropout: float = 0.4
    stream_dropout: float = 0.1
    causal: bool = False


@dataclass(frozen=True, kw_only=True)
class CurveSpec:
    """What a curve network expects and how sure it is; kept inside its .keras file.

    Attributes:
        columns: for each stream the names of its columns.
        curves: names of the C curves.
        reference_mean: for each stream the mean of its columns over the training film.
        reference_deviation: for each stream their standard deviation.
        band_floor: (C,) residual spread that is there even where all members agree.
        band_factor: (C,) multiple of sqrt(floor^2 + spread of the members^2) that held 80 % of held-out ratings.
    """

    columns: Mapping[str, Sequence[str]]
    curves: Sequence[str]
    reference_mean: Mapping[str, Sequence[float]]
    reference_deviation: Mapping[str, Sequence[float]]
    band_floor: Sequence[float]
    band_factor: Sequence[float]


@dataclass(frozen=True, kw_only=True)
class CurveTraining:
    """How one network is trained.

    Attributes:
        steps: optimiser steps.
        crop_s: seconds a training sequence lasts.
        batch: sequences a step.
        learning_rate: Adam's, falling to 0 along a cosine.
        weight_decay: decoupled, on all weights.
        curve_weights: how much each curve counts in the loss, by name; a curve that is not named counts 1.
        context_s, encoder_units, recurrent_units, dropout, stream_dropout, causal: as in `CurveNetSettings`.
    """

    steps: int = 160
    crop_s: int = 320
    batch: int = 18
    learning_rate: float = 0.01
    weight_decay: float = 0.0
    curve_weights: tuple[tuple[str, float], ...] = ()
    context_s: tuple[int, ...] = (5, 15, 45)
    encoder_units: int = 16
    recurrent_units: int = 24
    dropout: float = 0.4
    stream_dropout: float = 0.1
    causal: bool = False

    @classmethod
    def from_table(cls, table: Mapping[str, Any]) -> "CurveTraining":
        """Read the settings from a TOML table; unknown names raise ValueError."""
        known = {field.name for field in fields(cls)}
        if unknown := set(table) - known:
            raise ValueError(
                f"unknown training settings: {', '.join(sorted(unknown))}; known are {', '.join(sorted(known))}"
            )
        values: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in table.items()}
        values["curve_weights"] = tuple(table.get("curve_weights", {}).items())
        return cls(**values)

    def net_settings(self, columns: Mapping[str, tuple[str, ...]], curves: tuple[str, ...]) -> CurveNetSettings:
        """The network for these columns and curves."""
        return CurveNetSettings(
            columns=columns,
            curves=curves,
            context_s=self.context_s,
            encoder_units=self.encoder_units,
            recurrent_units=self.recurrent_units,
            dropout=self.dropout,
            stream_dropout=self.stream_dropout,
            causal=self.causal,
        )


@dataclass(frozen=True, kw_only=True)
class ShotNetSettings:
    """How large a shot network is, and what it is fed.

    Attributes:
        columns: names of its input columns.
        units: of the convolution and of the layer before the heads.
        recurrent_units: GRU units in each direction.
        dropout: share of units dropped in training.
    """

    columns: Sequence[str]
    units: int = 32
    recurrent_units: int = 24
    dropout: float = 0.2


@dataclass(frozen=True, kw_only=True)
class ShotTraining:
    """How one shot network is trained.

    Attributes:
        steps: optimiser steps.
        crop_rows: rows of a training sequence.
        batch: sequences a step.
        learning_rate: Adam's, falling to 0 along a cosine.
        weight_decay: decoupled, on all weights.
        made_share: share of the sequences that come from made films.
        kind_weight: how much the kind counts in the loss beside the boundary.
        units, recurrent_units, dropout: as in `ShotNetSettings`.
    """

    steps: int = 800
    crop_rows: int = 200
    batch: int = 32
    learning_rate: float = 0.004
    weight_decay: float = 0.001
    made_share: float = 0.5
    kind_weight: float = 0.2
    units: int = 32
    recurrent_units: int = 24
    dropout: float = 0.2
