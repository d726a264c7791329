"""Films in formats that PyAV does not write: the ffmpeg program that moviepy brings along transcodes them."""

import subprocess
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import imageio_ffmpeg

from tests.films import Pictures, make_tone, write_film


def write_master(path: Path, pictures: Pictures, *, rate: Fraction = Fraction(25)) -> Path:
    """Write pictures and a tone without loss."""
    height, width = pictures.shape[1:3]
    raw = path.with_suffix(".rgb")
    raw.write_bytes(pictures.tobytes())
    seconds = len(pictures) / rate
    sound = write_film(path.with_suffix(".wav"), sound=make_tone(float(seconds)), sound_codec="pcm_s24le")
    form = ("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}", "-r", str(rate))
    return transcode(raw, path, "-i", sound, "-c:v", "ffv1", "-c:a", "copy", before=form)


def transcode(source: Path, target: Path, *arguments: str | Path, before: Sequence[str] = ()) -> Path:
    """Write a film anew with the program's own arguments, some of them before the source."""
    program = imageio_ffmpeg.get_ffmpeg_exe()
    # Without -strict, FFmpeg's writer refuses FLAC in MP4.
    command = [program, "-v", "error", "-y", *before, "-i", source, *arguments, "-strict", "-2", target]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    return target
