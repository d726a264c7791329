"""Encoders that others have trained, from TensorFlow Hub: what a picture shows, what is heard, what a line means.

They are never part of a network of ours: each is a SavedModel that is called as it is.
"""

import os
from collections.abc import Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from models.spec import STREAMS

Floats = npt.NDArray[np.float32]

HANDLES = {
    "frames": "https://tfhub.dev/google/imagenet/mobilenet_v2_100_224/feature_vector/5",
    "audio": "https://tfhub.dev/google/yamnet/1",
    "transcript": "https://tfhub.dev/google/universal-sentence-encoder/4",
}
"""For each stream the encoder: MobileNetV2, YAMNet, the Universal Sentence Encoder."""

SIZES = {"frames": 1280, "audio": 1024, "transcript": 512}
"""How long their vectors are."""


class EncoderMissing(ValueError):
    """An encoder cannot be had.

    Args:
        handle: which one.
        reason: why.
    """

    def __init__(self, handle: str, reason: str) -> None:
        super().__init__(handle, reason)
        self.handle = handle
        self.reason = reason


class HubEncoders:
    """The three encoders; what `pipeline.features.hub` calls its encoders.

    Args:
        loaded: for each stream what `hub.load` made of its handle.

    Attributes:
        names: for each stream the handle.
    """

    def __init__(self, loaded: dict[str, Any]) -> None:
        self.names = dict(HANDLES)
        self._loaded = loaded

    def encode_pictures(self, pictures: Floats) -> Floats:
        """Encode N pictures (N, 224, 224, 3), RGB from 0 to 1: (N, 1280)."""
        return np.asarray(self._loaded["frames"](pictures), np.float32)

    def encode_sound(self, samples: Floats) -> Floats:
        """Encode sound (S,) at 16 kHz from -1 to 1: (F, 1024); vector i tells the 0.96 s from 0.48 i on."""
        _, vectors, _ = self._loaded["audio"](samples)
        return np.asarray(vectors, np.float32)

    def encode_lines(self, lines: Sequence[str]) -> Floats:
        """Encode N lines: (N, 512)."""
        return np.asarray(self._loaded["transcript"](list(lines)), np.float32)

    def try_stream(self, stream: str) -> None:
        """Encode the least there is, which shows whether a cache holds what it should.

        Raises:
            ValueError: the vectors have another size. Another kind of model fails with exceptions of its own.
        """
        makers = {
            "frames": lambda: self.encode_pictures(np.zeros((1, 224, 224, 3), np.float32)),
            "audio": lambda: self.encode_sound(np.zeros(16_000, np.float32)),
            "transcript": lambda: self.encode_lines(["Yes."]),
        }
        shape = makers[stream]().shape
        if len(shape) != 2 or shape[1] != SIZES[stream]:
            raise ValueError(f"it makes arrays of {shape}, not vectors of {SIZES[stream]}")


def load_hub_encoders(cache: Path | None) -> HubEncoders:
    """Load the encoders from TensorFlow Hub's cache, or from the network, which fills the cache.

    Args:
        cache: the folder of the cache; None for a temporary one that the system may empty at any time.

    Raises:
        EncoderMissing: one of them is neither there nor to be had, or is something else.
    """
    import tensorflow_hub as hub  # Only here: it takes seconds, and nobody else needs it.

    loaded: dict[str, Any] = {}
    encoders = HubEncoders(loaded)
    for stream in STREAMS:
        try:
            with _cached_in(cache):
                loaded[stream] = hub.load(HANDLES[stream])
            encoders.try_stream(stream)
        except Exception as error:  # The network, the archive and the models each fail with exceptions of their own.
            reason = str(error).partition("\n")[0].rstrip(".")
            raise EncoderMissing(HANDLES[stream], reason or type(error).__name__) from error
    return encoders


@contextmanager
def _cached_in(cache: Path | None) -> Any:
    """Let TensorFlow Hub keep what it loads in a folder; it takes that from the environment alone."""
    before = os.environ.get("TFHUB_CACHE_DIR")
    if cache is not None:
        os.environ["TFHUB_CACHE_DIR"] = str(cache)
    try:
        yield
    finally:
        if before is None:
            os.environ.pop("TFHUB_CACHE_DIR", None)
        else:
            os.environ["TFHUB_CACHE_DIR"] = before
