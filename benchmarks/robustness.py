"""Whether the same film gives the same curves: louder, darker, smaller, re-encoded, letterboxed, sped up to 25 frames a second.

    python -m benchmarks.robustness [FILM ...] [--folder DIR]

Each film is changed as a whole by FFmpeg, analysed again, and its curves laid beside those of the film as it is. Printed
for each change: the share of seconds at which a curve stays within the half-width of its band, and the rank correlation.
Without films: the demo, with its words, and Big Buck Bunny. At the end its two releases, aligned on the story's clock.
A folder keeps what was measured, and the next run takes it from there.
"""

import argparse
import subprocess
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import numpy.typing as npt
import pysubs2
from scipy.stats import spearmanr

from benchmarks.compare import find_fingerprinted
from benchmarks.draft import DEMO, list_films
from pipeline.analyse import analyse_cut
from pipeline.compare import compare_cuts
from pipeline.story_clock import align_curves
from pipeline.streams.probe import probe_cut
from pipeline.types import Analysis, Curves
from studio.networks import load_models
from studio.parts import Parts
from studio.settings import read_settings

WITHIN, RANK, RELEASES_R = 0.95, 0.97, 0.9
"""The goals."""

SOUND = ("-c:a", "pcm_f32le")
"""Sound that a louder version does not clip."""

PICTURE = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "18", "-pix_fmt", "yuv420p")


@dataclass(frozen=True, kw_only=True)
class Version:
    """What is done to the whole of a film.

    Attributes:
        picture: filters of FFmpeg; empty for the picture as it is.
        sound: the same of the sound.
        speed: how much faster it plays.
        is_halved: whether the picture's bit rate is halved.
    """

    picture: str = ""
    sound: str = ""
    speed: float = 1.0
    is_halved: bool = False


VERSIONS = {
    "12 dB louder": Version(sound="volume=12dB"),
    "12 dB softer": Version(sound="volume=-12dB"),
    "brighter": Version(picture="eq=brightness=0.08"),
    "darker": Version(picture="eq=brightness=-0.08"),
    "gamma 1.3": Version(picture="eq=gamma=1.3"),
    "gamma 0.77": Version(picture="eq=gamma=0.77"),
    "half the size": Version(picture="scale=iw/2:ih/2"),
    "half the bit rate": Version(is_halved=True),
    "mono": Version(sound="aformat=channel_layouts=mono"),
    "letterbox": Version(picture="pad=iw:ceil(iw*3/4/2)*2:0:(oh-ih)/2"),
    "24 to 25 fps": Version(
        picture="setpts=PTS*24/25,fps=25", sound="aresample=48000,asetrate=50000,aresample=48000", speed=25 / 24
    ),
}


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("films", type=Path, nargs="*")
    parser.add_argument("--folder", type=Path, help="where films and measurements are kept (default: nowhere)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="throughline-bench-") as scratch:
        folder = options.folder or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        for film in options.films or [DEMO, *list_films()[:1]]:
            print_versions(film, folder)
        if not options.films and len(list_films()) == 2:
            print_releases(folder)


def print_versions(film: Path, folder: Path) -> None:
    """Compare a film's curves with those of every version of it."""
    plain = analyse(film, folder).curves
    print(f"\n{film.name}: share of seconds within the band's half-width / rank correlation", flush=True)
    print(f"{'':20}{'':10}" + "".join(f"{name:>13}" for name in plain.names))
    met = 0
    for name, version in VERSIONS.items():
        changed = analyse(make_version(film, folder, name, version), folder)
        shares, ranks = measure_distance(plain, changed.curves, version.speed)
        is_met = shares.min() >= WITHIN and ranks.min() >= RANK
        met += is_met
        cells = "".join(f"{share:>7.0%}/{rank:5.3f}" for share, rank in zip(shares, ranks, strict=True))
        print(f"{name:20}{'met' if is_met else 'missed':10}{cells}", flush=True)
    print(f"{met} of {len(VERSIONS)} versions met both goals: {WITHIN:.0%} of seconds within the band, ranks at {RANK}")


def print_releases(folder: Path) -> None:
    """Correlate the curves of two real releases of one film."""
    films = list_films()
    a, b = (find_fingerprinted(film, folder) for film in films)
    curves = [analyse(film, folder).curves for film in films]
    aligned = align_curves(compare_cuts(a, b), *curves)
    kept = np.array([kind == "kept" for kind in aligned.kinds])
    print(f"\n{films[0].name} and {films[1].name}, {kept.sum()} seconds that both have: r (goal: {RELEASES_R})")
    for i, name in enumerate(aligned.names):
        print(f"{name:10}{np.corrcoef(aligned.a[kept, i], aligned.b[kept, i])[0, 1]:7.3f}")


def measure_distance(
    plain: Curves, changed: Curves, speed: float = 1.0
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Measure how far the curves of a version lie from those of the film as it is.

    Args:
        plain: the film's curves, T seconds, C of them.
        changed: those of a version that plays so much faster; second t of the film is its second t / speed.
        speed: how much faster.

    Returns:
        (C,) the share of seconds within the half-width of the film's band, and (C,) the rank correlation.
    """
    instants_s = (np.arange(len(plain.values)) + 0.5) / speed
    own_s = np.arange(len(changed.values)) + 0.5
    there = np.stack([np.interp(instants_s, own_s, column) for column in changed.values.T.astype(np.float64)], axis=1)
    half_width = (plain.high.astype(np.float64) - plain.low) / 2
    within = (np.abs(there - plain.values) <= half_width).mean(axis=0)
    ranks = [spearmanr(a, b).statistic for a, b in zip(plain.values.T, there.T, strict=True)]
    return within, np.array(ranks)


def analyse(film: Path, folder: Path) -> Analysis:
    """Analyse a film; what was measured of it is kept in the folder."""
    text_model, curve_model, shot_model = load_models()
    cut = probe_cut(film)
    keep = Parts(replace(read_settings(), home=folder.absolute()), cut.cut_id)
    return analyse_cut(cut, text_model=text_model, curve_model=curve_model, shot_model=shot_model, keep=keep)


def make_version(film: Path, folder: Path, name: str, version: Version) -> Path:
    """Make a version of a film and of the subtitles beside it, unless the folder holds it already."""
    made = folder / f"{film.stem}-{name.replace(' ', '-')}.mov"
    if made.exists():
        return made
    bits = int(film.stat().st_size * 8 / float(probe_cut(film).duration_s))
    picture: tuple[str, ...] = ("-c:v", "copy")
    if version.picture:
        picture = ("-vf", version.picture, *PICTURE)
    elif version.is_halved:
        picture = (*PICTURE[:4], "-b:v", str(bits // 2), *PICTURE[-2:])
    sound = ("-af", version.sound) if version.sound else ()
    subtitles = film.with_suffix(".srt")
    if subtitles.exists():
        words = pysubs2.load(str(subtitles))
        words.transform_framerate(1.0, version.speed)
        words.save(str(made.with_suffix(".srt")))
    part = made.with_suffix(".part.mov")
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", "-i", film, *picture, *sound, *SOUND, part]
    subprocess.run([str(word) for word in command], check=True, stdin=subprocess.DEVNULL)
    return part.replace(made)


if __name__ == "__main__":
    main()
