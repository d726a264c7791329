"""Whether reasons are true: the named cause is taken away, and the curve must move the way the reason said.

    python -m benchmarks.reasons

The peaks are the highest of tension on two releases of Big Buck Bunny and on the demo film, a hundred together. Reasons
were measured in windows, on the network's inputs. Here the cause is taken out of what was measured, or out of the film
itself, and everything behind it runs again: levels are matched anew, and the whole film passes through the network.

The first table puts the named measurements at what is usual in the film. The second takes the words out of the
transcript, on the demo and, where the data are, on studyforrest. The third makes the sound softer or louder, or the
picture lighter or darker, in the film's file, as far as is usual in that film.
"""

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import numpy.typing as npt

from pipeline.analyse import analyse_cut
from pipeline.curves import predict_curves
from pipeline.dataset.studyforrest import load_features, read_dialogue
from pipeline.features.audio import FLOOR_DB, describe_sound
from pipeline.features.causes import Cause, find_causes
from pipeline.features.evidence import join_evidence
from pipeline.features.measure import measure_sound
from pipeline.features.transcript import describe_lines
from pipeline.reasons import ToldCause, tell_reasons
from pipeline.removal import EffectOptions, find_usual, index_columns, measure_effects, remove_word
from pipeline.streams.probe import probe_cut
from pipeline.streams.read import open_streams, read_sound
from pipeline.types import Analysis, Cut, Features, Line
from studio.analysing import analyse_once
from studio.networks import OwnCrew, load_models
from studio.settings import read_settings
from studio.store import open_library

CURVE = "tension"
PEAKS = {"demo": 10, "bbb_640x360": 45, "bbb_sunflower_640x360_30fps": 45}
"""How many peaks of each film are tried."""

APART_S = 2
"""A peak is higher than every second this near."""

TOLD = 5
"""So many causes of a second are told at most."""

LINES = 40
"""So many peaks of studyforrest with words among their reasons are tried."""

EDITS = 4
"""So many peaks of a film are tried in its file, for each of sound and picture."""

REACHES_S = (3, 10, 30, 10_000)
"""Seconds on both sides from which a cause is taken away; reasons are told for the second of them."""


@dataclass(frozen=True)
class Trial:
    """One cause taken away: what was said of it, and what the curve did."""

    told: float
    moved: float


def main() -> None:
    """Print the three tables."""
    library = open_library(read_settings())
    paths = [Path("assets/demo.mp4"), *sorted(Path(os.environ["THROUGHLINE_DATA"], "films").glob("bbb_*.mp4"))]
    films = [analyse_once(library, path.absolute(), crew=OwnCrew(library.settings)) for path in paths]
    peaks = {film.cut.cut_id: find_high_seconds(film, PEAKS[film.cut.path.stem]) for film in films}
    print(f"{sum(map(len, peaks.values()))} peaks of tension\n\nNamed measurements put at what is usual")
    rows = [(film, try_measurements(film, peaks[film.cut.cut_id])) for film in films]
    for name, most in (("the strongest", 1), ("all that are told", TOLD)):
        for film, ranked in rows:
            print_trials(f"{film.cut.path.stem}, {name}", [trial for rank, trial in ranked if rank < most])
        print_trials(f"together, {name}", [trial for _, ranked in rows for rank, trial in ranked if rank < most])
    print("\nThe strongest cause, taken away from so many seconds on both sides")
    for reach_s in REACHES_S:
        trials = [t for film in films for _, t in try_measurements(film, peaks[film.cut.cut_id], reach_s, most=1)]
        print_trials(f"{reach_s} s" if reach_s < REACHES_S[-1] else "the whole film", trials)
    print("\nNamed words taken out of the transcript")
    print_trials("demo", try_words(films[0].features, films[0]))
    if (rated := read_rated_film()) is not None:
        print_trials("studyforrest", try_words(rated.features, rated))
    print("\nThe film itself changed")
    for film in films:
        print_trials(f"{film.cut.path.stem}, loudness", list(try_sound(film, peaks[film.cut.cut_id])))
    print_trials("demo, brightness", list(try_picture(films[0], peaks[films[0].cut.cut_id])))


def find_high_seconds(film: Analysis, most: int) -> list[int]:
    """The highest seconds of tension that are higher than their neighbours, in order."""
    curve = np.pad(film.curves.curve(CURVE).astype(np.float64), APART_S, constant_values=-np.inf)
    near = np.lib.stride_tricks.sliding_window_view(curve, 2 * APART_S + 1)
    high = [t for t in range(len(near)) if near[t].argmax() == APART_S]
    return sorted(sorted(high, key=lambda t: -film.curves.curve(CURVE)[t])[:most])


def draw_tension(features: Features) -> npt.NDArray[np.float32]:
    """Run the whole way from measurements to tension: (T,)."""
    return predict_curves(features, model=load_models()[1]).curve(CURVE)


def tell_second(film: Analysis, second: int) -> tuple[ToldCause, ...]:
    """What is told of a second."""
    return tell_reasons(film, curve=CURVE, start_s=second, end_s=second + 1).causes


def restore_usual(features: Features, cause: Cause, start: int, end: int) -> Features:
    """Put a cause's measurements at what is usual in the film, for some seconds."""
    columns = getattr(features, cause.stream).copy()
    here = slice(max(start, 0), end)
    usual = find_usual(features, columns, cause)
    columns[here, index_columns(features, cause)] = usual[here]
    return replace(features, **{cause.stream: columns})


def try_measurements(
    film: Analysis, seconds: Sequence[int], reach_s: int = EffectOptions().reach_s, most: int = TOLD
) -> list[tuple[int, Trial]]:
    """Take the causes told of each second away, one by one; with the rank of each."""
    causes = {cause.name: cause for cause in find_causes(film.features.columns)}
    before = draw_tension(film.features)
    trials: list[tuple[int, Trial]] = []
    for second in seconds:
        for rank, told in enumerate(tell_second(film, second)[:most]):
            changed = restore_usual(film.features, causes[told.cause], second - reach_s, second + reach_s + 1)
            trials.append((rank, Trial(told.effect, float(before[second] - draw_tension(changed)[second]))))
    return trials


def try_words(features: Features, film: Analysis) -> list[Trial]:
    """Take the words told of high seconds out of the lines within reach, and read the transcript again."""
    reach_s, before = EffectOptions().reach_s, draw_tension(features)
    trials: list[Trial] = []
    for second in find_high_seconds(film, len(before)):
        told = next((cause for cause in tell_second(film, second) if cause.words), None)
        if told is None or len(trials) == LINES:
            continue
        lines = [
            without_words(line, [word.word for word in told.words])
            if line.start_s < second + 1 + reach_s and line.end_s > second - reach_s
            else line
            for line in film.lines
        ]
        transcript, _ = describe_lines(lines, features.seconds, text_model=load_models()[0])
        after = draw_tension(replace(features, transcript=transcript))
        trials.append(Trial(sum(word.effect for word in told.words), float(before[second] - after[second])))
    return trials


def without_words(line: Line, words: Sequence[str]) -> Line:
    """A line without some of its words."""
    for word in words:
        line = replace(line, text=remove_word(line.text, word))
    return line


def try_sound(film: Analysis, seconds: Sequence[int]) -> Iterator[Trial]:
    """Bring the sound around high seconds of a film's file to its usual loudness, and measure the sound again."""
    loudness = film.features.audio[:, film.features.columns["audio"].index("loudness")]
    before = draw_tension(film.features)
    for second, told in choose_strongest(film, seconds, "loudness"):
        start, end = reach_around(film, second)
        gain_db = (loudness.mean() - loudness[start:end].mean()) * -FLOOR_DB
        with edit_film(
            film.cut, "-af", f"volume={gain_db:.2f}dB:enable='between(t,{start},{end})'", "-c:v", "copy"
        ) as cut:
            sound = measure_sound(read_sound(open_streams(cut)), seconds=film.features.seconds)
        audio, _ = describe_sound(join_evidence([], sound))
        after = draw_tension(replace(film.features, audio=audio))
        yield Trial(told.effect, float(before[second] - after[second]))


def try_picture(film: Analysis, seconds: Sequence[int]) -> Iterator[Trial]:
    """Bring the picture around high seconds of a film's file to its usual brightness, and analyse it again."""
    text, curves, shots = load_models()
    brightness = film.features.frames[:, film.features.columns["frames"].index("brightness")]
    for second, told in choose_strongest(film, seconds, "brightness"):
        start, end = reach_around(film, second)
        lift = float(brightness.mean() - brightness[start:end].mean())
        lifted = f"eq=brightness={lift:.3f}:enable='between(t,{start},{end})'"
        with edit_film(film.cut, "-vf", lifted, "-c:v", "libx264", "-crf", "14", "-c:a", "copy") as cut:
            cut = replace(cut, transcript_path=film.cut.transcript_path, streams=film.cut.streams)
            after = analyse_cut(cut, text_model=text, curve_model=curves, shot_model=shots).curves.curve(CURVE)
        yield Trial(told.effect, float(film.curves.curve(CURVE)[second] - after[second]))


def choose_strongest(film: Analysis, seconds: Sequence[int], name: str) -> list[tuple[int, ToldCause]]:
    """The seconds whose reasons name a cause, and most strongly."""
    named = [(second, told) for second in seconds for told in tell_second(film, second) if told.cause == name]
    return sorted(named, key=lambda pair: -abs(pair[1].effect))[:EDITS]


def reach_around(film: Analysis, second: int) -> tuple[int, int]:
    """The seconds around one from which a cause is taken away."""
    reach_s = EffectOptions().reach_s
    return max(second - reach_s, 0), min(second + reach_s + 1, film.features.seconds)


@contextmanager
def edit_film(cut: Cut, *words: str) -> Iterator[Cut]:
    """Make another version of a film's file with ffmpeg, for as long as the context lasts."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "edited.mkv"
        program = imageio_ffmpeg.get_ffmpeg_exe()
        subprocess.run([program, "-v", "error", "-i", str(cut.path), *words, str(path)], check=True)
        yield probe_cut(path)


def read_rated_film() -> Analysis | None:
    """Analyse studyforrest from its published measurements; None where the data are not."""
    folder = read_settings().data / "studyforrest"
    if not folder.is_dir():
        return None
    text, model, _ = load_models()
    features, lines = load_features(folder, text_model=text), read_dialogue(folder)
    begun_s = time.process_time()
    curves = predict_curves(features, model=model)
    drawn_s = time.process_time()
    effects = measure_effects(features, lines, curve_model=model, text_model=text)
    costs = f"the curves took {drawn_s - begun_s:.1f} s of one core, the effects {time.process_time() - drawn_s:.1f} s"
    print(f"  studyforrest, {features.seconds} s with {len(lines)} lines: {costs}")
    return Analysis(
        cut=Cut(
            cut_id="0" * 16, path=folder, title="studyforrest", duration_s=Fraction(features.seconds),
            frame_rate=Fraction(25), start_timecode=None, width=1280, height=720, streams=("frames", "audio", "transcript"),
        ),
        features=features,
        curves=curves,
        lines=lines,
        effects=effects,
    )  # fmt: skip


def print_trials(name: str, trials: Sequence[Trial]) -> None:
    """Print how often the curve moved as told, and how well the sizes agree."""
    if not trials:
        print(f"  {name:<48} no such reason")
        return
    told, moved = np.array([(trial.told, trial.moved) for trial in trials]).T
    agreed, ratio = float((told * moved > 0).mean()), float(np.median(moved / told))
    r = f"  r {np.corrcoef(told, moved)[0, 1]:4.2f}" if len(trials) > EDITS else ""
    print(f"  {name:<48} {len(trials):>4} tried  {agreed:>4.0%} moved as told  median of moved / told {ratio:5.2f}{r}")


if __name__ == "__main__":
    main()
