"""Why a curve stands where it stands: the few causes that moved it most, in words.

These are the model's reasons. What moves a person may be something else.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.effects import Effects
from pipeline.errors import LibraryError
from pipeline.features.causes import WORDS, Cause, find_causes
from pipeline.features.windows import average_near
from pipeline.removal import EffectOptions, index_columns
from pipeline.types import CURVE_RANGE, STREAM_WORDS, STREAMS, Analysis, Features

CAUTION = (
    "The model's reasons: what the curve would lose without each, from ten seconds before to ten behind. "
    "They need not add up, and do not say what moves people."
)
"""What stands beside reasons wherever they are told."""

LEAST_EFFECT = 0.01
"""What moves a curve by less of its range is not worth a word."""

LEAST_STEP = 0.15
"""A cause this many deviations from the film's mean, or nearer, is neither more nor less than usual."""


@dataclass(frozen=True, kw_only=True)
class ToldWord:
    """A word that moved a curve.

    Attributes:
        word: as it is written.
        start_s: where its line begins, seconds of the cut.
        effect: by how much, while the line is spoken.
    """

    word: str
    start_s: float
    effect: float


@dataclass(frozen=True, kw_only=True)
class ToldCause:
    """A cause that moved a curve.

    Attributes:
        cause: its name.
        stream: one of `STREAMS`.
        text: what was the matter with it, in words people use: "louder".
        effect: by how much, up or down, in units of the curve.
        words: of what is said, the words that did most of it.
    """

    cause: str
    stream: str
    text: str
    effect: float
    words: tuple[ToldWord, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CurveReasons:
    """Why a curve stands where it stands, in one second or several.

    Attributes:
        curve: its name.
        start_s: the first second.
        end_s: the second behind the last.
        value: the curve's mean there.
        usual: its mean over the film.
        shares: how much each stream had to do with it; sums to 1, or to 0 where all are absent.
        causes: the causes worth a word, the strongest first.
    """

    curve: str
    start_s: int
    end_s: int
    value: float
    usual: float
    shares: Mapping[str, float]
    causes: tuple[ToldCause, ...]


def tell_reasons(analysis: Analysis, *, curve: str, start_s: int, end_s: int, most: int = 5) -> CurveReasons:
    """Tell why a curve stands where it stands.

    Args:
        analysis: the cut, with its effects.
        curve: the curve's name.
        start_s: the first second, 0 <= start_s < end_s.
        end_s: the second behind the last, at most T.
        most: how many causes are told.

    Returns:
        The reasons, as means over these seconds.

    Raises:
        LibraryError: there are no effects, because the analysis is a draft.
    """
    effects = find_effects(analysis)
    column, here = analysis.curves.names.index(curve), slice(start_s, end_s)
    moved = effects.values[here, column].mean(axis=0, dtype=np.float64)
    low, high = CURVE_RANGE[curve]
    ways, told = judge_ways(analysis.features, effects.read), []
    causes = {cause.name: cause for cause in find_causes(effects.read)}
    for g in np.argsort(-np.abs(moved), kind="stable")[:most].tolist():
        if abs(moved[g]) < LEAST_EFFECT * (high - low):
            break
        name, effect = effects.causes[g], float(moved[g])
        if name not in causes:
            continue  # An older version of the program knew other causes.
        words = (
            _tell_words(analysis, effects, column, here, effect, LEAST_EFFECT * (high - low)) if name == WORDS else ()
        )
        text = say_way(causes[name], float(ways[name][here].mean()))
        told.append(ToldCause(cause=name, stream=causes[name].stream, text=text, effect=round(effect, 4), words=words))
    shares = analysis.curves.shares[here, column].mean(axis=0)
    return CurveReasons(
        curve=curve,
        start_s=start_s,
        end_s=end_s,
        value=float(analysis.curves.values[here, column].mean()),
        usual=float(analysis.curves.values[:, column].mean()),
        shares=dict(zip(STREAMS, shares.tolist(), strict=True)),
        causes=tuple(told),
    )


def find_effects(analysis: Analysis) -> Effects:
    """Return the effects of an analysis.

    Raises:
        LibraryError: there are none, because it is a draft, or because an earlier version made it.
    """
    if analysis.effects is None:
        raise LibraryError(
            f"The reasons of {analysis.cut.title!r} are not known: there is only a draft, or an earlier version analysed it.",
            "Wait until it is analysed, or analyse it again.",
        )
    return analysis.effects


def judge_ways(features: Features, read: Mapping[str, tuple[str, ...]]) -> dict[str, npt.NDArray[np.float64]]:
    """Judge of which causes there is more or less around each second than the film usually has.

    Args:
        features: the film.
        read: for each stream the measurements that count, as `Effects` has them.

    Returns:
        For each cause (T,) the mean over its columns, each the way that is more of it, in deviations from the film's
        mean, over the seconds within reach, as `EffectOptions` has it. 0 where the stream is absent.
    """
    ways, reach_s = {}, EffectOptions().reach_s
    for cause in find_causes(read):
        here = features.present[:, STREAMS.index(cause.stream)]
        signs = np.array(list(cause.columns.values()))
        rows = getattr(features, cause.stream)[:, index_columns(features, cause)].astype(np.float64)
        if not here.any() or not signs.any():
            ways[cause.name] = np.zeros(len(here))
            continue
        scaled = (rows - rows[here].mean(axis=0)) / (rows[here].std(axis=0) + 1e-9)
        way = (scaled @ signs) * here / np.abs(signs).sum()
        ways[cause.name] = average_near(way, 2 * reach_s + 1, here)
    return ways


def say_way(cause: Cause, way: float) -> str:
    """Say what is the matter with a cause, by how much more of it there is than usual: "louder"."""
    if cause.name == WORDS or not any(cause.columns.values()):
        return cause.more
    if abs(way) <= LEAST_STEP:
        return cause.name  # Some of its measurements are above what is usual, some below.
    return cause.more if way > 0 else cause.less


def write_reasons(reasons: CurveReasons) -> str:
    """Write reasons as a few lines for a person."""
    low, high = CURVE_RANGE[reasons.curve]
    streams = [f"{STREAM_WORDS[stream]} {share:.0%}" for stream, share in reasons.shares.items() if share]
    lines = [f"{reasons.curve} {write_amount(reasons.value, signed=low < 0)}, the film's mean is "
             f"{write_amount(reasons.usual, signed=low < 0)}; it rests on {', '.join(streams) or 'nothing'}"]  # fmt: skip
    lines += [f"  {write_amount(cause.effect)}  {write_cause(cause)}" for cause in reasons.causes]
    if not reasons.causes:
        lines.append(f"  Nothing moved it by {LEAST_EFFECT * (high - low):g} or more.")
    return "\n".join(lines)


def write_cause(cause: ToldCause) -> str:
    """Write a cause in words: "louder", "“don't” and “gun” in what is said"."""
    if not cause.words:
        return cause.text
    return f"{' and '.join(f'“{word.word}”' for word in cause.words)} in {cause.text}"


def write_amount(amount: float, *, signed: bool = True) -> str:
    """Write a number of a curve, with two digits and a proper minus."""
    return f"{round(amount, 2) + 0.0:{'+' if signed else ''}.2f}".replace("-", "−")


def _tell_words(
    analysis: Analysis, effects: Effects, column: int, here: slice, moved: float, least: float, most: int = 2
) -> tuple[ToldWord, ...]:
    """Tell which words of the lines within reach moved a curve the same way, the strongest first."""
    reach_s = EffectOptions().reach_s
    found: dict[str, ToldWord] = {}
    for line_number, word, values in zip(effects.word_lines, effects.words, effects.word_values, strict=True):
        line, effect = analysis.lines[int(line_number)], float(values[column])
        is_near = line.start_s < here.stop + reach_s and line.end_s > here.start - reach_s
        stronger = word.casefold() not in found or abs(effect) > abs(found[word.casefold()].effect)
        if is_near and effect * moved > 0 and stronger:
            found[word.casefold()] = ToldWord(word=word, start_s=line.start_s, effect=round(effect, 4))
    ranked = sorted(found.values(), key=lambda word: -abs(word.effect))
    return tuple(word for word in ranked[:most] if abs(word.effect) >= least / 5)
