"""What optional encoders make of each second: a picture, its sound and its words as vectors to compare.

The encoders come as an argument, as the other models do; `models.hub_encoders` loads them in the app. Here is how a film
is put before them: pictures of 224 pixels a side, the whole picture squeezed into them, from 0 to 1; sound of one
channel at 16 kHz, full scale 1, of which a vector tells 0.96 s every 0.48 s; and lines as they are written.
"""

import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Protocol

import numpy as np
import numpy.typing as npt
import soxr
from PIL import Image

from pipeline.encodings import Encodings
from pipeline.features.transcript import SPEECH, TIMING_COLUMNS, spread_lines
from pipeline.footage import Sound
from pipeline.types import SOUND_HZ, STREAMS, Bools, Floats, Line

PICTURE_PX = 224
HEARD_HZ = 16_000
HOP_S = 0.48
"""Seconds from one vector of the sound to the next; each tells the two hops that begin with it."""

PICTURES, SOUND_S, LINES = 32, 60, 64
"""So many pictures, seconds of sound and lines are encoded at once, which bounds memory."""


class Encoders(Protocol):
    """What makes vectors: `models.hub_encoders` in the app; `names` says for each stream what."""

    @property
    def names(self) -> Mapping[str, str]: ...  # noqa: D102

    def encode_pictures(self, pictures: Floats) -> Floats:
        """Encode N pictures (N, 224, 224, 3), RGB from 0 to 1: (N, D) float32."""
        ...

    def encode_sound(self, samples: Floats) -> Floats:
        """Encode sound (S,) at 16 kHz from -1 to 1: (F, D) float32; vector i tells the 0.96 s from 0.48 i on."""
        ...

    def encode_lines(self, lines: Sequence[str]) -> Floats:
        """Encode N lines: (N, D) float32."""
        ...


def encode_seconds(
    stills: Iterable[tuple[int, bytes]],
    sounds: Iterable[Sound],
    lines: Sequence[Line],
    *,
    seconds: int,
    encoders: Encoders,
    report: Callable[[float], None] = lambda done: None,
) -> Encodings:
    """Encode each second of a film.

    Args:
        stills: seconds with the pictures in their middle, as JPEG.
        sounds: the sound, in order.
        lines: the transcript, in order of start.
        seconds: T.
        encoders: what makes the vectors.
        report: called with the share that is done, 0 to 1; may raise to stop the work.

    Returns:
        The vectors, T rows.
    """
    parts = (
        _spread_rows(_encode_stills(stills, encoders), seconds, lambda done: report(0.7 * done)),
        _spread_rows(_encode_sounds(sounds, seconds, encoders), seconds, lambda done: report(0.7 + 0.25 * done)),
        _encode_lines(lines, seconds, encoders),
    )
    report(1.0)
    rows = {name: array for name, (array, _) in zip(STREAMS, parts, strict=True)}
    present = np.stack([here for _, here in parts], axis=1)
    return Encodings(**rows, present=present, encoders=dict(encoders.names))


def prepare_picture(jpeg: bytes) -> Floats:
    """Decode a picture for its encoder: (224, 224, 3) float32, RGB from 0 to 1."""
    with Image.open(io.BytesIO(jpeg)) as picture:
        small = picture.convert("RGB").resize((PICTURE_PX, PICTURE_PX), Image.Resampling.BILINEAR)
    pixels: Floats = np.asarray(small, np.float32) / np.float32(255)
    return pixels


def prepare_sound(samples: Floats) -> Floats:
    """Bring sound (S, 2) at 48 kHz to what its encoder hears: (S / 3,) float32 at 16 kHz."""
    heard: Floats = soxr.resample(samples.mean(axis=1, dtype=np.float32), SOUND_HZ, HEARD_HZ).astype(np.float32)
    return heard


def _encode_stills(stills: Iterable[tuple[int, bytes]], encoders: Encoders) -> Iterator[tuple[int, Floats]]:
    """The vectors of seconds that show a picture, with their seconds."""
    waiting = iter(stills)
    while part := list(islice(waiting, PICTURES)):
        vectors = encoders.encode_pictures(np.stack([prepare_picture(jpeg) for _, jpeg in part]))
        yield from zip((second for second, _ in part), vectors, strict=True)


def _encode_sounds(sounds: Iterable[Sound], seconds: int, encoders: Encoders) -> Iterator[tuple[int, Floats]]:
    """The vectors of seconds that have sound: the means of those whose middle lies in them."""
    waiting, heard = iter(sounds), dict[int, Floats]()
    for first in range(0, seconds, SOUND_S):
        last = min(first + SOUND_S, seconds)
        for sound in waiting:
            heard[sound.second] = sound.samples
            if sound.second >= last:
                break
        if not any(first <= second < last for second in heard):
            continue
        around = np.zeros(((last - first + 2) * SOUND_HZ, 2), np.float32)
        for second, samples in heard.items():
            if first - 1 <= second <= last:
                start = (second - first + 1) * SOUND_HZ
                around[start : start + len(samples)] = samples
        margin = SOUND_HZ - round(HOP_S * SOUND_HZ)
        vectors = encoders.encode_sound(prepare_sound(around[margin : len(around) - margin]))
        middles = (np.arange(len(vectors)) * HOP_S).astype(np.intp) + first
        for second in range(first, last):
            if second in heard:
                yield second, vectors[middles == second].mean(axis=0)
        heard = {second: samples for second, samples in heard.items() if second >= last - 1}


def _encode_lines(lines: Sequence[Line], seconds: int, encoders: Encoders) -> tuple[npt.NDArray[np.float16], Bools]:
    """The vectors of each second's lines (T, D), and in which seconds anything is said (T,)."""
    texts = [line.text for line in lines] or [""]
    vectors = np.concatenate([encoders.encode_lines(texts[i : i + LINES]) for i in range(0, len(texts), LINES)])
    spread = spread_lines(lines, vectors[: len(lines)], 0, seconds)
    return spread[:, len(TIMING_COLUMNS) :].astype(np.float16), spread[:, SPEECH] > 0


def _spread_rows(
    vectors: Iterable[tuple[int, Floats]], seconds: int, report: Callable[[float], None]
) -> tuple[npt.NDArray[np.float16], Bools]:
    """Put vectors into their seconds: (T, D) and (T,); without any, D is 0."""
    rows, present = np.zeros((seconds, 0), np.float16), np.zeros(seconds, np.bool_)
    for second, vector in vectors:
        if not rows.shape[1]:
            rows = np.zeros((seconds, len(vector)), np.float16)
        rows[second], present[second] = vector, True
        report((second + 1) / seconds)
    return rows, present
