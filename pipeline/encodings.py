"""The noun that holds what optional encoders make of a cut: what it shows, what is heard and what is said, as vectors."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.arrays import freeze_array
from pipeline.types import STREAMS, Bools

Halves = npt.NDArray[np.float16]


@dataclass(frozen=True, kw_only=True)
class Encodings:
    """One vector a second from each encoder.

    Attributes:
        frames: (T, Df) float16, of the picture in the middle of the second.
        audio: (T, Da) float16, the mean of what is heard in it.
        transcript: (T, Dt) float16, the lines that are spoken in it, each by the share of the second it covers.
        present: (T, 3) bool, in which seconds there is a picture, sound, and speech; elsewhere the vectors are 0.
        encoders: for each of `STREAMS` what made its vectors.
    """

    frames: Halves
    audio: Halves
    transcript: Halves
    present: Bools
    encoders: Mapping[str, str]

    def __post_init__(self) -> None:
        """Freeze and check the arrays."""
        seconds = len(self.present)
        object.__setattr__(self, "present", freeze_array(self.present, np.bool_, (seconds, 3), "present"))
        for name in STREAMS:
            object.__setattr__(self, name, freeze_array(getattr(self, name), np.float16, (seconds, None), name))
            if not np.isfinite(getattr(self, name)).all():
                raise ValueError(f"{name} holds values that are not finite")
