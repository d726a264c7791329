"""Small real films, written by PyAV's own encoders."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np

RATE = 24
SOUND_HZ = 48_000


def make_film(path: Path, *, seconds: int = 4, seed: int = 0) -> Path:
    """Write a film of moving noise and tones, H.264 and AAC.

    Args:
        path: the file to write.
        seconds: how long it lasts.
        seed: films of different seeds have different bytes.

    Returns:
        The path.
    """
    random = np.random.default_rng(seed)
    with av.open(path, "w") as container:
        picture = container.add_stream("libx264", rate=RATE, width=160, height=90, pix_fmt="yuv420p")
        sound = container.add_stream("aac", rate=SOUND_HZ, layout="stereo")
        shades = random.integers(0, 255, (seconds, 3))
        for number in range(RATE * seconds):
            shade = shades[number // (2 * RATE)]  # A shot is two seconds long.
            image = np.full((90, 160, 3), shade, np.uint8)
            image[20:50, number % 120 : number % 120 + 30] = 255 - shade
            container.mux(picture.encode(av.VideoFrame.from_ndarray(image)))
        times_s = np.arange(SOUND_HZ * seconds) / SOUND_HZ
        wave = 0.3 * np.sin(2 * np.pi * random.integers(200, 900) * times_s).astype(np.float32)
        for start in range(0, len(wave), 1024):
            block = np.tile(wave[start : start + 1024], (2, 1))
            frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(block), format="fltp", layout="stereo")
            frame.sample_rate, frame.pts, frame.time_base = SOUND_HZ, start, Fraction(1, SOUND_HZ)
            container.mux(sound.encode(frame))
        for stream in (picture, sound):
            container.mux(stream.encode(None))
    return path
