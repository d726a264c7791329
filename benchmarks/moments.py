"""Choosing moments: how long it takes, what ranking agrees with, and which sounds the bins' rules catch.

    python -m benchmarks.moments

The first table times a synthetic film of two hours. The second sets scores beside what people rated in studyforrest:
it says whether a score goes up where portrayed arousal and tension stand out. It does not say that a moment belongs into
a trailer; nothing here measures that. Curves are those of the ridge regression, each segment of the film predicted while
it was held out; the shipped networks saw these ratings. The weights of the score were fitted to nothing. The third runs
three rules of the bins over ESC-10; their thresholds were chosen on folds 1 and 2, but for the flatness of screams, which
was widened once more after a look at two clips of folds 3 to 5.
"""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from itertools import pairwise
from pathlib import Path
from statistics import median

import numpy as np
import numpy.typing as npt
import soundfile
import soxr
from scipy.stats import spearmanr

from models.baselines import predict_by_ridge
from models.text_net import load_text_model
from pipeline.bins import fill_bins
from pipeline.dataset.studyforrest import join_examples, load_features, read_dialogue, read_ratings
from pipeline.features.audio import COLUMNS, describe_sound
from pipeline.features.details import RISE, SOUND_DETAILS, measure_rises, measure_spectrum
from pipeline.features.evidence import Evidence
from pipeline.features.measure import measure_samples
from pipeline.moments.candidates import ORDER, Candidates, RankOptions, SegmentWeights
from pipeline.segments import find_candidates, rank_candidates
from pipeline.types import CURVE_RANGE, CURVES, SOUND_HZ, Curves, Cut, Features, Floats, Line

Doubles = npt.NDArray[np.float64]

HOURS = 2
DRAWS = 200
"""How often segments are drawn at random, to say how good a choice without any knowledge is."""


@dataclass(frozen=True, kw_only=True)
class Film:
    """What a ranking needs of one film."""

    cut: Cut
    features: Features
    curves: Curves
    lines: tuple[Line, ...]


def main() -> None:
    """Print the three tables."""
    data = Path(os.environ["THROUGHLINE_DATA"])
    time_ranking()
    compare_with_ratings(data / "studyforrest")
    list_sounds(data / "audio" / "esc10")


def time_ranking() -> None:
    """Print how long the two steps and the bins take for a film of two hours."""
    film = make_long_film(np.random.default_rng(0), 3600 * HOURS)
    candidates = find_candidates(film.features, film.curves, film.lines, cut=film.cut)
    weights = [SegmentWeights(tension_peak=peak / 10) for peak in range(20)]
    many = RankOptions(most=200)

    def find() -> object:
        return find_candidates(film.features, film.curves, film.lines, cut=film.cut)

    def fill() -> object:
        return fill_bins(film.features, film.curves, film.lines, cut=film.cut)

    rows = {
        "finding candidates": [measure_seconds(find) for _ in range(5)],
        "ranking 20 with other weights": [
            measure_seconds(partial(rank_candidates, candidates, weights=chosen)) for chosen in weights
        ],
        "ranking 200": [
            measure_seconds(partial(rank_candidates, candidates, weights=chosen, options=many)) for chosen in weights
        ],
        "filling bins": [measure_seconds(fill) for _ in range(3)],
    }
    kept = sum(array.nbytes for array in (candidates.starts_s, candidates.ends_s, candidates.parts, candidates.looks))
    counts = f"{len(film.features.shot_starts_s)} shots, {len(film.lines)} lines, {len(candidates)} candidates"
    print(f"A film of {HOURS} h, {counts}")
    print(f"{'':36}{'median ms':>12}{'worst ms':>12}")
    for name, times in rows.items():
        print(f"{name:36}{1000 * median(times):12.1f}{1000 * max(times):12.1f}")
    print(f"kept for ranking again: {kept / 2**20:.1f} MiB")


def compare_with_ratings(folder: Path) -> None:
    """Print how scores agree with ratings, over all candidates and in each segment of the film that was rated."""
    film, ratings, blocks = load_film(folder)
    candidates = find_candidates(film.features, film.curves, film.lines, cut=film.cut)
    first, end = candidates.starts_s.astype(int), np.ceil(candidates.ends_s).astype(int)
    rated = np.isfinite(ratings[:, 0])
    whole = np.array([rated[a:b].all() for a, b in zip(first, end, strict=True)])
    block = np.array([next((n for n, (a, b) in enumerate(blocks) if a <= s < b), -1) for s in candidates.starts_s])
    truth = {name: np.full(len(candidates), np.nan) for name in ("tension", "arousal")}
    for name, values in truth.items():
        rating = ratings[:, CURVES.index(name)]
        values[whole] = [rating[a:b].mean() for a, b in zip(first[whole], end[whole], strict=True)]
    scores = list_scores(candidates, film)
    print(
        f"\nstudyforrest, Spearman's r over {int(whole.sum())} of {len(candidates)} candidates, held-out ridge curves"
    )
    print(f"not measured in this film: {', '.join(candidates.unmeasured) or 'nothing'}")
    print(f"{'':36}{'tension':>10}{'per segment':>16}{'arousal':>10}{'per segment':>16}{'tension of 20':>16}")
    spread = percentile_of(truth["tension"], whole)
    for name, score in scores.items():
        cells = ""
        for target in truth.values():
            inside = [correlate(score, target, whole & (block == b)) for b in np.unique(block[whole])]
            known = [value for value in inside if np.isfinite(value)]
            told = f"{np.mean(known):.2f} ± {np.std(known):.2f}" if known else "constant"
            cells += f"{correlate(score, target, whole):10.2f}{told:>16}"
        worth = list_choices(candidates, score, whole, spread, draws=20)
        print(f"{name:36}{cells}{np.mean(worth):16.2f}")
    drawn = list_choices(candidates, np.zeros(len(candidates)), whole, spread, draws=DRAWS)
    print(f"{'20 at random':36}{'':10}{'':16}{'':10}{'':16}{np.mean(drawn):11.2f} ±{np.std(drawn):4.2f}")
    print(
        "tension of 20: where the rated tension of the best 20 that do not overlap stands among all candidates, 0 to 1"
    )


def list_scores(candidates: Candidates, film: Film) -> dict[str, Doubles]:
    """The score and what it must be compared with, each (N,)."""
    parts = candidates.parts.astype(np.float64)
    place = (candidates.starts_s + candidates.ends_s) / 2 / float(film.cut.duration_s)
    tension = film.curves.curve("tension").astype(np.float64)
    rows = [slice(int(a), int(np.ceil(b))) for a, b in zip(candidates.starts_s, candidates.ends_s, strict=True)]
    audio = film.features.audio[:, film.features.columns["audio"].index("loudness")]
    frames = film.features.frames[:, film.features.columns["frames"].index("cuts")]
    blind = replace(SegmentWeights(), tension_peak=0, tension_rise=0, emotion=0)
    return {
        "our score": parts @ SegmentWeights().list_signed(),
        "our score without the curves": parts @ blind.list_signed(),
        "tension peak alone": parts[:, ORDER.index("tension_peak")],
        "mean tension alone": np.array([tension[span].mean() for span in rows]),
        "position: the first two thirds": (place < 2 / 3).astype(np.float64),
        "loudness and cuts": np.array(
            [audio[span].mean() / audio.std() + frames[span].mean() / frames.std() for span in rows]
        ),
    }


def list_choices(
    candidates: Candidates, score: Doubles, among: npt.NDArray[np.bool_], worth: Doubles, *, draws: int, most: int = 20
) -> list[float]:
    """What the best that do not overlap are worth in the mean; those of equal score are drawn by lot, so many times."""
    random, found = np.random.default_rng(0), []
    for _ in range(draws):
        left, chosen = among.copy(), []
        for index in np.lexsort((random.random(len(score)), -score)):
            if left[index]:
                chosen.append(worth[index])
                left &= (candidates.ends_s <= candidates.starts_s[index]) | (
                    candidates.starts_s >= candidates.ends_s[index]
                )
            if len(chosen) == most:
                break
        found.append(float(np.mean(chosen)))
    return found


def correlate(score: Doubles, truth: Doubles, among: npt.NDArray[np.bool_]) -> float:
    """Spearman's r; NaN where the score is constant."""
    if np.ptp(score[among]) == 0:
        return float("nan")
    return float(spearmanr(score[among], truth[among]).statistic)


def percentile_of(values: Doubles, among: npt.NDArray[np.bool_]) -> Doubles:
    """Where each value stands among those of some: (N,) in 0..1."""
    ordered = np.sort(values[among])
    return np.asarray(np.searchsorted(ordered, values) / len(ordered))


def load_film(folder: Path) -> tuple[Film, Floats, tuple[tuple[int, int], ...]]:
    """Load studyforrest with curves that are held out where it is rated."""
    features, ratings = load_features(folder, text_model=load_text_model()), read_ratings(folder / "emotions_av_1s.csv")
    examples = join_examples(features, ratings)
    values = np.zeros((features.seconds, len(CURVES)), np.float32)
    for number, span in enumerate(examples.blocks):
        fit_on = examples.spans_without(number if number in examples.rated_blocks else None)
        values[slice(*span)] = predict_by_ridge(examples, fit_on, span)
    cut = make_cut(Fraction(features.seconds), Fraction(25))
    lines = read_dialogue(folder)
    return Film(cut=cut, features=features, curves=make_curves(values), lines=lines), ratings, examples.blocks


def make_long_film(random: np.random.Generator, seconds: int) -> Film:
    """A film of random measurements with shots of 4 s and lines of 2.5 s in the mean."""
    lengths = random.gamma(2.0, 2.0, seconds)
    starts = np.cumsum(np.round(lengths * 24) / 24)
    begins = np.cumsum(random.gamma(1.5, 4.0, seconds))
    lines = tuple(
        Line(
            start_s=float(a), end_s=float(min(a + random.gamma(4.0, 0.6), b)), text="So this is what you wanted to say."
        )
        for a, b in pairwise(begins)
        if b < seconds
    )
    names = ("sharpness", "face", "dark", "light", "saturation", "edges", *SOUND_DETAILS, RISE)
    walk = np.cumsum(random.normal(scale=0.2, size=(seconds, len(CURVES))), axis=0)
    sizes = {"frames": 31, "audio": len(COLUMNS), "transcript": 20}
    columns = {name: tuple(f"{name}_{i}" for i in range(size)) for name, size in sizes.items()}
    arrays = {name: random.normal(size=(seconds, size)).astype(np.float32) for name, size in sizes.items()}
    features = Features(
        frames=arrays["frames"],
        audio=arrays["audio"],
        transcript=arrays["transcript"],
        present=np.ones((seconds, 3), np.bool_),
        shot_starts_s=np.r_[0.0, starts[starts < seconds - 1]],
        columns={**columns, "audio": COLUMNS},
        extractors={},
        draft=np.zeros(seconds, np.bool_),
        details={name: random.random(seconds, np.float32) for name in names},
    )
    curves = make_curves(np.asarray(1 / (1 + np.exp(-walk)), np.float32))
    return Film(cut=make_cut(Fraction(seconds), Fraction(24)), features=features, curves=curves, lines=lines)


def make_curves(values: Floats) -> Curves:
    """Curves without a band."""
    bottom, top = np.array([CURVE_RANGE[name] for name in CURVES], np.float32).T
    values = np.clip(values, bottom, top)
    shares = np.zeros((*values.shape, 3), np.float32)
    return Curves(names=CURVES, values=values, low=values, high=values, shares=shares, model_id="held out")


def make_cut(duration_s: Fraction, rate: Fraction) -> Cut:
    """A cut of some length and rate."""
    return Cut(
        cut_id="0" * 16,
        path=Path("film"),
        title="film",
        duration_s=duration_s,
        frame_rate=rate,
        start_timecode=None,
        width=1280,
        height=720,
        streams=("frames", "audio", "transcript"),
    )


def list_sounds(folder: Path) -> None:
    """Print in what share of the clips of each class the rules find anything, each clip alone in a minute of near silence."""
    names = ("scream-like", "hits", "laughter-like")
    print(f"\nESC-10: clips in which a rule finds anything\n{'':16}" + "".join(f"{name:>28}" for name in names))
    print(f"{'':16}" + f"{'folds 1-2':>14}{'folds 3-5':>14}" * len(names))
    for kind in sorted(path for path in folder.iterdir() if path.is_dir()):
        found: dict[bool, list[list[bool]]] = {True: [], False: []}
        for clip in sorted(kind.glob("*.ogg")):
            bins = fill_from_sound(clip)
            found[clip.name[0] in "12"].append([bool(bins[name]) for name in names])
        shares = [np.mean(found[is_known], axis=0) for is_known in (True, False)]
        print(f"{kind.name:16}" + "".join(f"{shares[0][i]:14.0%}{shares[1][i]:14.0%}" for i in range(len(names))))


def fill_from_sound(clip: Path) -> dict[str, tuple[object, ...]]:
    """Fill the bins from one clip, peak at -6 dB, faded in and out, with 28 s of faint noise on either side."""
    stored, rate = soundfile.read(clip, dtype="float32", always_2d=True)
    wave = soxr.resample(stored.mean(axis=1), rate, SOUND_HZ)[: 5 * SOUND_HZ]
    track = np.random.default_rng(0).normal(0, 0.002, 61 * SOUND_HZ).astype(np.float32)
    wave *= np.clip(np.minimum(np.arange(len(wave)), np.arange(len(wave))[::-1]) / (SOUND_HZ / 2), 0, 1)
    track[28 * SOUND_HZ :][: len(wave)] += 0.5 * wave / max(float(np.abs(wave).max()), 1e-6)
    stereo = np.stack([track, track], axis=1)
    rms, lrdiff = measure_samples(stereo)
    heard = np.ones(len(rms), np.bool_)
    evidence = Evidence(
        quadrants=np.zeros((len(rms), 4), np.float32),
        phash=np.zeros((len(rms), 18), np.uint8),
        norm_diff=np.zeros(len(rms), np.float32),
        rms=rms,
        lrdiff=lrdiff,
        picture_present=np.zeros(len(rms), np.bool_),
        sound_present=heard,
        picture_times_s=np.zeros(len(rms)),
    )
    columns, present = describe_sound(evidence)
    spectra = np.array([measure_spectrum(stereo[t * SOUND_HZ : (t + 1) * SOUND_HZ]) for t in range(len(present))])
    features = Features(
        frames=np.zeros((len(present), 1), np.float32),
        audio=columns,
        transcript=np.zeros((len(present), 1), np.float32),
        present=np.stack([~present, present, ~present], axis=1),
        shot_starts_s=np.zeros(0),
        columns={"frames": ("none",), "audio": COLUMNS, "transcript": ("none",)},
        extractors={},
        draft=np.zeros(len(present), np.bool_),
        details={**dict(zip(SOUND_DETAILS, spectra.T, strict=True)), RISE: measure_rises(rms, heard)},
    )
    curves = make_curves(np.zeros((len(present), len(CURVES)), np.float32))
    return dict(fill_bins(features, curves, (), cut=make_cut(Fraction(len(present)), Fraction(25))))


def measure_seconds(work: Callable[[], object]) -> float:
    """How long a piece of work takes, seconds."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
