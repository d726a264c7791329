"""Films that benchmarks make for themselves: as heavy to decode as real ones, with cuts and sound, of any length."""

import subprocess
from pathlib import Path

import imageio_ffmpeg

RATE = 24
LOOP_S = 24
"""So many seconds are encoded; the film repeats them without encoding again."""

SHOT_S = 3


def make_film(folder: Path, *, width: int, height: int, megabits: float, seconds: int) -> Path:
    """Make an H.264 film with AAC sound, unless the folder holds it already.

    A zoom into a fractal under film grain, encoded at a rate that films are delivered at, jumps elsewhere every three
    seconds. Each time the loop begins again is one more cut.

    Args:
        folder: where to.
        width: pixels.
        height: pixels.
        megabits: of picture a second, in millions of bits.
        seconds: how long; rounded to whole loops of 24 s.

    Returns:
        The film.
    """
    loops = max(1, round(seconds / LOOP_S))
    film = folder / f"{height}p-{loops * LOOP_S}s.mp4"
    if film.exists():
        return film
    loop = folder / f"{height}p-loop.mp4"
    shot = f"floor(t/{SHOT_S})"
    picture = (
        f"mandelbrot=size={width}x{height}:rate={RATE}:start_scale=0.5:end_scale=0.002:end_pts={RATE * LOOP_S},"
        f"crop=iw/2:ih/2:x='mod({shot}*{width // 5},iw/2)':y='mod({shot}*{height // 7},ih/2)',"
        f"scale={width}:{height},noise=alls=6:allf=t,format=yuv420p"
    )
    sound = f"anoisesrc=sample_rate=48000:amplitude=0.3,tremolo=f=0.5:d=0.9,atrim=duration={LOOP_S}"
    _run("-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", sound, "-t", LOOP_S, "-c:v", "libx264", "-preset", "medium",
         "-b:v", f"{megabits}M", "-c:a", "aac", "-b:a", "160k", "-ac", 2, loop)  # fmt: skip
    part = film.with_suffix(".part.mp4")
    _run("-stream_loop", loops - 1, "-i", loop, "-c", "copy", part)
    return part.rename(film)


def make_prores(film: Path) -> Path:
    """Make of a film what an editing room hands over, 10 bits, 4:2:2, PCM sound, unless it lies beside it already.

    Args:
        film: from `make_film`.

    Returns:
        The ProRes 422 HQ film in QuickTime.
    """
    intermediate = film.with_suffix(".mov")
    if not intermediate.exists():
        part = film.with_suffix(".part.mov")
        _run("-i", film, "-c:v", "prores_ks", "-profile:v", 3, "-pix_fmt", "yuv422p10le", "-c:a", "pcm_s24le", part)
        part.rename(intermediate)
    return intermediate


def _run(*words: object) -> None:
    """Run the ffmpeg program that comes with imageio-ffmpeg."""
    program = imageio_ffmpeg.get_ffmpeg_exe()
    subprocess.run([program, "-v", "error", "-y", *map(str, words)], check=True)
