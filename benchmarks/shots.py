"""Shot boundaries on films made from real footage that was not trained on: ours beside PySceneDetect's detectors.

    python -m benchmarks.shots [--films 2]

Pieces of the second half of Big Buck Bunny (the network knows films made from the first) are joined by cuts, fades or
dissolves, or by cuts with camera flashes between them, a kind a film; each film is encoded, and read by everyone from its
file. A sharp boundary counts within two frames, a gradual one from two frames before it begins to two frames behind its end,
each once; anything else is false. All detectors run at their default settings. Speed is the time over all films, ours with all
other measurements of the picture and the network, as a multiple of ours.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import scenedetect

from models.evaluate_shots import ShotScore, match_boundaries
from pipeline.dataset.shots import cut_pieces
from pipeline.dataset.transitions import MadeFilm, MixOptions, compose_film
from pipeline.features.shots import ShotModel, find_boundaries, find_shots
from pipeline.gather import gather_evidence
from pipeline.streams.probe import probe_cut
from pipeline.streams.read import open_streams
from pipeline.types import GRID_HZ, Bytes
from studio.networks import load_models
from studio.settings import read_settings

WIDTH, HEIGHT = 320, 176
FOOTAGE_S = (242.0, 455.0)
STRETCH_S = 36.0
TOLERANCE = 2
KINDS = ("cut", "fade", "dissolve", "flash")
OURS, RULE = "shot_net", "rule of thumb"
Found = tuple[list[int], list[str]]


@dataclass(frozen=True, kw_only=True)
class Film:
    """A made film in a file, and what is known of it."""

    kind: str
    path: Path
    made: MadeFilm


def main() -> None:
    """Make the films, run everyone, print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--films", type=int, default=2, help="films of each kind")
    count = parser.parse_args().films
    footage = read_settings().data / "films" / "bbb_640x360.mp4"
    model = load_models()[2]
    with tempfile.TemporaryDirectory(prefix="throughline-bench-") as scratch:
        films = [make_film(footage, Path(scratch), kind, index) for index in range(count) for kind in KINDS]
        frames = sum(len(film.made.pixels) for film in films)
        print(f"{len(films)} films, {frames / GRID_HZ:.0f} s, {WIDTH} x {HEIGHT}")
        print(f"{'':28}{'cut F1':>9}{'fade F1':>9}{'dissolve':>9}{'false at flashes':>18}{'kind right':>12}{'time':>7}")
        ours_s = 0.0
        for name, detect in list_detectors(model).items():
            begun_s = time.perf_counter()
            found = [detect(film.path) for film in films]
            took_s = time.perf_counter() - begun_s
            ours_s = ours_s or took_s
            print_row(name, films, found, took_s / ours_s)


def list_detectors(model: ShotModel) -> dict[str, Callable[[Path], Found]]:
    """Everyone by name: a film's file to frames and, from ours, kinds."""

    def find(path: Path) -> Found:
        shots = find_shots(gather_evidence(open_streams(probe_cut(path))), model=model)
        return shots.rows[1:].tolist(), list(shots.kinds[1:])

    def follow_rule(path: Path) -> Found:
        evidence = gather_evidence(open_streams(probe_cut(path)))
        return find_boundaries(evidence.norm_diff, evidence.picture_present)[1:].tolist(), []

    def run_peer(detector: str) -> Callable[[Path], Found]:
        def detect(path: Path) -> Found:
            scenes = scenedetect.detect(str(path), getattr(scenedetect, detector)())
            return [round(start.seconds * GRID_HZ) for start, _ in scenes[1:]], []

        return detect

    peers = ("ContentDetector", "AdaptiveDetector", "HashDetector", "HistogramDetector")
    return {OURS: find, RULE: follow_rule, **{f"PySceneDetect {name}": run_peer(name) for name in peers}}


def print_row(name: str, films: Sequence[Film], found: Sequence[Found], times_ours: float) -> None:
    """Print one detector's line."""
    scores = {kind: ShotScore(hits=0, found=0, known=0) for kind in KINDS}
    at_flashes = flashes = right = hits = 0
    for film, (rows, kinds) in zip(films, found, strict=True):
        known = [each for each in film.made.transitions if each.kind != "flash"]
        spans = [(each.start, max(each.start, each.stop)) for each in known]
        matched = match_boundaries(rows, spans, tolerance=TOLERANCE)
        hit = matched[matched >= 0]
        scores[film.kind] += ShotScore(hits=len(hit), found=len(rows), known=len(known))
        if kinds:
            hits += len(hit)
            right += sum(kinds[index] == each.kind for index, each in zip(matched, known, strict=True) if index >= 0)
        false = np.delete(np.array(rows, int), hit)
        for flash in (each for each in film.made.transitions if each.kind == "flash"):
            flashes += 1
            at_flashes += int(((false >= flash.start - TOLERANCE) & (false <= flash.stop + TOLERANCE)).any())
    figures = "".join(f"{scores[kind].f1:9.3f}" for kind in KINDS[:3])
    kind_right = f"{right / hits:12.2f}" if hits else f"{'':12}"
    print(f"{name:28}{figures}{f'{at_flashes} of {flashes}':>18}{kind_right}{times_ours:7.2f}")


def make_film(footage: Path, folder: Path, kind: str, index: int) -> Film:
    """Make one film whose boundaries are all of one kind; `flash` is cuts with flashes in every shot."""
    random = np.random.default_rng([index, KINDS.index(kind)])
    pieces: list[Bytes] = []
    while len(pieces) < 4:
        pieces += cut_pieces(read_pixels(footage, random.uniform(FOOTAGE_S[0], FOOTAGE_S[1] - STRETCH_S)))
    mix = MixOptions(kinds=(("cut" if kind == "flash" else kind, 1.0),), flash=1.0 if kind == "flash" else 0.0)
    made = compose_film(pieces, random, shots=20, options=mix)
    path = folder / f"{kind}-{index}.mp4"
    writer = imageio_ffmpeg.write_frames(str(path), (WIDTH, HEIGHT), fps=GRID_HZ, quality=7)
    writer.send(None)
    for picture in made.pixels:
        writer.send(np.ascontiguousarray(picture))
    writer.close()
    return Film(kind=kind, path=path, made=made)


def read_pixels(footage: Path, start_s: float) -> Bytes:
    """Read half a minute of pictures: (N, H, W, 3) uint8."""
    frames = imageio_ffmpeg.read_frames(
        str(footage),
        input_params=["-ss", f"{start_s:.3f}", "-t", f"{STRETCH_S}"],
        output_params=["-vf", f"scale={WIDTH}:{HEIGHT}"],
    )
    next(frames)
    return np.stack([np.frombuffer(frame, np.uint8).reshape(HEIGHT, WIDTH, 3) for frame in frames])


if __name__ == "__main__":
    main()
