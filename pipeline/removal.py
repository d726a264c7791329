"""What moved the curves: every cause is taken away for a while, and the network is asked again.

To be without a cause is to be, in its measurements, as the film usually is: at their mean over the film, once levels
are matched. Of what is said it is to be as this film's lines usually are, while somebody speaks. A word is taken out of
its line, which is then read again. What the curve does then, from as it is, is the effect.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from pipeline.curves import CurveModel, list_ranges, prepare_inputs
from pipeline.effects import Effects
from pipeline.features.causes import WORDS, Cause, find_causes
from pipeline.features.transcript import PAUSES, SPEECH, TextModel, spread_lines
from pipeline.types import STREAMS, Features, Floats, Line

VERSION = "1"
WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
"""A word of a line, in any script."""


@dataclass(frozen=True, kw_only=True)
class EffectOptions:
    """For how long a cause is taken away, and what the network is asked.

    Attributes:
        reach_s: seconds on both sides of those it is about from which a cause is taken away.
        block_s: seconds that share one answer of the network.
        memory_s: seconds on both sides of what is changed that the network sees; nothing farther off is moved much.
        batch: changes that are asked about at once, which bounds memory.
        words: words of a line that are tried, those on which its affect depends most.
    """

    reach_s: int = 10
    block_s: int = 10
    memory_s: int = 60
    batch: int = 96
    words: int = 3


@dataclass(frozen=True, kw_only=True)
class _Change:
    """Other rows for some columns of a stream, and the seconds at which it matters what they do.

    Attributes:
        start: the first of these seconds.
        end: the second behind the last of them.
        stream: one of `STREAMS`.
        first: the second of the first row.
        columns: (D,) indices.
        rows: (N, D) float32.
    """

    start: int
    end: int
    stream: str
    first: int
    columns: npt.NDArray[np.intp]
    rows: Floats


def measure_effects(
    features: Features,
    lines: Sequence[Line],
    *,
    curve_model: CurveModel,
    text_model: TextModel,
    options: EffectOptions | None = None,
    report: Callable[[float], None] = lambda done: None,
) -> Effects:
    """Measure what moved each curve in each second of a film, and which words did.

    Args:
        features: T >= 1 seconds.
        lines: the transcript that they were made with, in order of start.
        curve_model: draws the curves.
        text_model: reads the affect of dialogue.
        options: for how long a cause is taken away.
        report: called with the share of the work that is done, 0 to 1.

    Returns:
        The effects of all causes of which the model reads a measurement; those of a stream that is absent are 0.
    """
    options = options or EffectOptions()
    inputs = prepare_inputs(features, model=curve_model)
    causes = find_causes(curve_model.read)
    asked = [
        (g, change) for g, cause in enumerate(causes) for change in _remove_cause(features, inputs, cause, options)
    ]
    asked.sort(key=lambda pair: pair[1].start)
    words = list(_remove_words(lines, features.transcript, curve_model, text_model, options))
    values = np.zeros((features.seconds, len(curve_model.curves), len(causes)), np.float16)
    word_values = np.zeros((len(words), len(curve_model.curves)), np.float16)
    total = len(asked) + len(words)
    for i in range(0, len(asked), options.batch):
        part = asked[i : i + options.batch]
        moved = _ask_model(inputs, [change for _, change in part], curve_model, options)
        for (g, change), effect in zip(part, moved, strict=True):
            values[change.start : change.end, :, g] = effect
        report((i + len(part)) / total)
    for i in range(0, len(words), options.batch):
        moved = _ask_model(inputs, [change for *_, change in words[i : i + options.batch]], curve_model, options)
        word_values[i : i + len(moved)] = [effect.mean(axis=0) for effect in moved]
        report((len(asked) + i + len(moved)) / total)
    return Effects(
        causes=tuple(cause.name for cause in causes),
        read={stream: tuple(names) for stream, names in curve_model.read.items()},
        values=values,
        word_lines=np.array([line for line, _, _ in words], np.int32),
        words=tuple(word for _, word, _ in words),
        word_values=word_values,
    )


def find_usual(features: Features, columns: Floats, cause: Cause) -> Floats:
    """Say what a cause's measurements are where the film is as it usually is.

    Args:
        features: the film.
        columns: the columns of the cause's stream (T, D), measured or at matched levels.
        cause: the cause, with D' columns.

    Returns:
        (T, D') float32.
    """
    index = index_columns(features, cause)
    rows = columns[:, index]
    if cause.name == WORDS:
        speech = columns[:, SPEECH : SPEECH + 1]
        usual: Floats = speech * (rows.sum(axis=0) / max(float(speech.sum()), 1e-6))
        return usual
    here = features.present[:, STREAMS.index(cause.stream)]
    mean = rows[here].mean(axis=0) if here.any() else np.zeros(len(index), np.float32)
    return np.asarray(np.where(here[:, None], mean, rows), np.float32)


def index_columns(features: Features, cause: Cause) -> npt.NDArray[np.intp]:
    """Where the columns of a cause stand in its stream: (D',)."""
    return np.array([features.columns[cause.stream].index(name) for name in cause.columns])


def remove_word(text: str, word: str) -> str:
    """Take a word out of a line wherever it stands there, in whatever case."""
    kept = WORD.sub(lambda match: "" if match.group().casefold() == word.casefold() else match.group(), text)
    return " ".join(kept.split())


def _remove_cause(
    features: Features, inputs: dict[str, Floats], cause: Cause, options: EffectOptions
) -> Iterator[_Change]:
    """Take a cause away around each block of seconds in which its stream is present."""
    here, index = features.present[:, STREAMS.index(cause.stream)], index_columns(features, cause)
    usual = find_usual(features, inputs[cause.stream], cause)
    for start in range(0, features.seconds, options.block_s):
        end = min(start + options.block_s, features.seconds)
        first, last = max(start - options.reach_s, 0), end + options.reach_s
        if here[first:last].any():
            yield _Change(start=start, end=end, stream=cause.stream, first=first, columns=index, rows=usual[first:last])


def _remove_words(
    lines: Sequence[Line],
    transcript: Floats,
    curve_model: CurveModel,
    text_model: TextModel,
    options: EffectOptions,
) -> Iterator[tuple[int, str, _Change]]:
    """Take telling words out of their lines, one by one: the number of the line, the word, and what changes."""
    columns = np.array([i for i in range(transcript.shape[1]) if i not in PAUSES])
    spread = np.maximum(curve_model.reference["transcript"][1][-len(text_model.columns) :], 1e-6)
    said = text_model.read_lines([line.text for line in lines])
    starts = np.array([line.start_s for line in lines])
    ends = np.maximum.accumulate([line.end_s for line in lines]) if lines else np.zeros(0)
    for i, tries in enumerate(_shorten_lines(lines, text_model)):
        first = int(lines[i].start_s)
        last = min(int(np.ceil(lines[i].end_s)), len(transcript), first + options.block_s)
        if last <= first:
            continue
        # The lines that share its seconds: all between the first that ends behind its start and the last that starts.
        around = slice(int(np.searchsorted(ends, first, side="right")), int(np.searchsorted(starts, last)))
        moved = [float(np.abs((vector - said[i]) / spread).sum()) for _, _, vector in tries]
        for k in sorted(sorted(range(len(tries)), key=lambda k: -moved[k])[: options.words]):
            word, line, vector = tries[k]
            changed, vectors = list(lines[around]), said[around].copy()
            changed[i - around.start], vectors[i - around.start] = line, vector
            rows = spread_lines(changed, vectors, first, last)[:, columns]
            change = _Change(start=first, end=last, stream="transcript", first=first, columns=columns, rows=rows)
            yield i, word, change


def _shorten_lines(lines: Sequence[Line], text_model: TextModel) -> list[list[tuple[str, Line, Floats]]]:
    """For each line its words as they are written, the line without each of them, and the affect it then has."""
    tries = []
    for line in lines:
        words = {word.casefold(): word for word in reversed(WORD.findall(line.text))}
        tries.append([(word, replace(line, text=remove_word(line.text, word))) for word in reversed(words.values())])
    vectors = iter(text_model.read_lines([line.text for words in tries for _, line in words]))
    return [[(word, line, next(vectors)) for word, line in words] for words in tries]


def _ask_model(
    inputs: dict[str, Floats], changes: Sequence[_Change], model: CurveModel, options: EffectOptions
) -> list[Floats]:
    """Ask what the curves are with and without changes: for each change what is lost by it, (end - start, C)."""
    seconds = len(inputs["present"])
    width = min(options.block_s + 2 * (options.reach_s + options.memory_s), seconds)
    begins = [max(min(c.start - options.reach_s - options.memory_s, seconds - width), 0) for c in changes]
    unchanged = {begin: place for place, begin in enumerate(dict.fromkeys(begins))}
    windows = {
        name: np.stack([array[begin : begin + width] for begin in (*unchanged, *begins)])
        for name, array in inputs.items()
    }
    for place, (begin, change) in enumerate(zip(begins, changes, strict=True), start=len(unchanged)):
        rows = change.rows[: begin + width - change.first]
        first = change.first - begin
        windows[change.stream][place, first : first + len(rows), change.columns] = rows.T
    bottom, top = list_ranges(model)
    curves = np.clip(model.predict(windows)["values"], bottom, top)
    return [
        curves[unchanged[begin], change.start - begin : change.end - begin]
        - curves[place, change.start - begin : change.end - begin]
        for place, (begin, change) in enumerate(zip(begins, changes, strict=True), start=len(unchanged))
    ]
