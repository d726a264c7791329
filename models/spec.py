"""What a curve network is made for: names, sizes and statistics. Needs no Keras."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

STREAMS = ("frames", "audio", "transcript")
"""Names of the network's stream inputs, in the order of every axis of length 3."""

SHOT_KINDS = ("cut", "fade", "dissolve", "flash")
"""What the shot network tells apart; the last is no boundary."""


SPEECH = "speech"
"""The column of the transcript that says how much of a second is spoken in."""

SPEECH_PRIOR = 0.05
"""What is said in a window counts in full where far more of it than this share is spoken in."""


@dataclass(frozen=True, kw_only=True)
class ColumnReading:
    """How a film's columns are read, by the network and by the regression.

    Attributes:
        unread: names of columns that are given and left unread.
        context_s: widths of the means that are seen beside the second itself.
        spoken: columns of the transcript that are shares of speech times what is said.
        spoken_s: widths of the windows over which these are averaged, weighed by speech.
        causal: whether windows end with the second instead of being centred on it, so that a film can be followed that is
            still being written; the network's LSTM then runs in one direction, and takes one second a step.
    """

    unread: Sequence[str] = ()
    context_s: Sequence[int] = (5, 15, 45)
    spoken: Sequence[str] = ()
    spoken_s: Sequence[int] = ()
    causal: bool = False

    def list_read(self, names: Sequence[str]) -> list[int]:
        """Where among a stream's columns those stand that are read."""
        return [i for i, name in enumerate(names) if name not in self.unread]

    def list_spoken(self, names: Sequence[str]) -> list[int]:
        """Where among the transcript's columns those stand that are averaged over speech."""
        return [names.index(name) for name in self.spoken] if self.spoken_s else []


@dataclass(frozen=True, kw_only=True)
class CurveNetSettings:
    """How large the network is, and what it is fed.

    Attributes:
        columns: for each stream the names of its input columns.
        curves: names of the curves, in order.
        signed: which of them lie in [-1, 1]; the others lie in [0, 1].
        reading: how the columns are read.
        encoder_units: units of each stream's encoder.
        recurrent_units: LSTM units in each direction; 0 builds the non-recurrent twin.
        stride_s: seconds that the LSTM takes in one step; what it says is drawn out to seconds again.
        dropout: share of encoder and recurrent units dropped in training.
        stream_dropout: chance that a whole stream is taken away from a training sequence.
    """

    columns: Mapping[str, Sequence[str]]
    curves: Sequence[str]
    signed: Sequence[str] = ("valence",)
    reading: ColumnReading = ColumnReading()
    encoder_units: int = 16
    recurrent_units: int = 24
    stride_s: int = 1
    dropout: float = 0.4
    stream_dropout: float = 0.1


@dataclass(frozen=True, kw_only=True)
class CurveSpec:
    """What a curve network expects and how sure it is; kept inside its .keras file.

    Attributes:
        columns: for each stream the names of its columns.
        curves: names of the C curves.
        reference_mean: for each stream the mean of its columns over the training film.
        reference_deviation: for each stream their standard deviation.
        domain_mean: for each stream what its columns are over five minutes of the training film.
        domain_deviation: for each stream how far five minutes of it are from another.
        domain_limit: for each stream how far a film has to be from it to be of another kind, as `pipeline.domain` has it.
        band_lowest, band_floor, band_slope, band_spread, band_least, band_factor: (C,) each, as in `models.band.BandFit`.
    """

    columns: Mapping[str, Sequence[str]]
    curves: Sequence[str]
    reference_mean: Mapping[str, Sequence[float]]
    reference_deviation: Mapping[str, Sequence[float]]
    domain_mean: Mapping[str, Sequence[float]]
    domain_deviation: Mapping[str, Sequence[float]]
    domain_limit: Mapping[str, float]
    band_lowest: Sequence[float]
    band_floor: Sequence[float]
    band_slope: Sequence[float]
    band_spread: Sequence[float]
    band_least: Sequence[float]
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
        unread, context_s, spoken, spoken_s, causal: as in `ColumnReading`, of the network.
        regression_s, regression_spoken_s: `context_s` and `spoken_s` of the regression, which leaves the same unread.
        encoder_units, recurrent_units, stride_s, dropout, stream_dropout: as in `CurveNetSettings`.
    """

    steps: int = 160
    crop_s: int = 320
    batch: int = 18
    learning_rate: float = 0.01
    weight_decay: float = 0.0
    curve_weights: tuple[tuple[str, float], ...] = ()
    unread: tuple[str, ...] = ()
    context_s: tuple[int, ...] = (5, 15, 45)
    spoken: tuple[str, ...] = ()
    spoken_s: tuple[int, ...] = ()
    regression_s: tuple[int, ...] = (5, 15, 45, 121)
    regression_spoken_s: tuple[int, ...] = ()
    encoder_units: int = 16
    recurrent_units: int = 24
    stride_s: int = 1
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

    @property
    def reading(self) -> ColumnReading:
        """How the network reads the columns."""
        return ColumnReading(
            unread=self.unread,
            context_s=self.context_s,
            spoken=self.spoken,
            spoken_s=self.spoken_s,
            causal=self.causal,
        )

    @property
    def regression_reading(self) -> ColumnReading:
        """How the regression reads the columns."""
        return replace(self.reading, context_s=self.regression_s, spoken_s=self.regression_spoken_s)

    def net_settings(self, columns: Mapping[str, tuple[str, ...]], curves: tuple[str, ...]) -> CurveNetSettings:
        """The network for these columns and curves."""
        return CurveNetSettings(
            columns=columns,
            curves=curves,
            reading=self.reading,
            encoder_units=self.encoder_units,
            recurrent_units=self.recurrent_units,
            stride_s=self.stride_s,
            dropout=self.dropout,
            stream_dropout=self.stream_dropout,
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
