"""Effects, with a model whose answer is known, and on the demo film with the shipped one."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest

from benchmarks.reasons import draw_tension, find_high_seconds, restore_usual, tell_second, try_measurements, try_words
from pipeline.features import audio, frames, transcript
from pipeline.features.causes import CAUSES, WORDS, find_causes
from pipeline.features.transcript import describe_lines, name_columns
from pipeline.removal import measure_effects, remove_word
from pipeline.types import STREAMS, Analysis, Features, Floats, Line

SECONDS = 200


class GunModel:
    """Reads whether a line has a gun in it."""

    model_id = "gun"
    columns = ("fear",)

    def read_lines(self, lines: Sequence[str]) -> Floats:
        return np.array([["gun" in line.casefold()] for line in lines], np.float32).reshape(-1, 1)


class LevelModel:
    """Tension is .2, a fifth of the loudness, and half the fear in what is said, held between 0 and 1."""

    model_id = "level"
    curves = ("tension",)

    def __init__(self, columns: Mapping[str, tuple[str, ...]]) -> None:
        self.columns = self.read = columns
        self.reference = {
            name: (np.zeros(len(names), np.float32), np.ones(len(names), np.float32)) for name, names in columns.items()
        }

    def predict(self, inputs: Mapping[str, Floats]) -> Mapping[str, Floats]:
        fear = inputs["transcript"][..., self.columns["transcript"].index("fear")]
        values = (0.2 + 0.2 * inputs["audio"][..., 0] + 0.5 * fear)[..., None]
        return {"values": values, "half_width": values * 0, "shares": np.zeros((*values.shape, 3), np.float32)}


def make_features(lines: Sequence[Line], *, loud: slice) -> Features:
    loudness = np.zeros((SECONDS, 1), np.float32)
    loudness[loud] = 1
    words, _ = describe_lines(lines, SECONDS, text_model=GunModel())
    return Features(
        frames=np.zeros((SECONDS, 1)),
        audio=loudness,
        transcript=words,
        present=np.array([[False, True, bool(lines)]] * SECONDS),
        shot_starts_s=np.zeros(1),
        columns={"frames": ("brightness",), "audio": ("loudness",), "transcript": name_columns(GunModel())},
        extractors={},
        draft=np.zeros(SECONDS, np.bool_),
    )


LINES = (
    Line(start_s=20.2, end_s=22.0, text="Good morning."),
    Line(start_s=100.0, end_s=103.0, text="He has a gun! A Gun!"),
    Line(start_s=101.0, end_s=102.5, text="Where?"),
)


def test_an_effect_is_what_the_curve_loses_when_the_cause_is_as_it_usually_is() -> None:
    features = make_features(LINES, loud=slice(0, 50))
    effects = measure_effects(features, LINES, curve_model=LevelModel(features.columns), text_model=GunModel())
    loudness = effects.values[:, 0, effects.causes.index("loudness")]
    assert loudness[:50].min() > 0.1
    assert np.ptp(loudness[:50]) < 0.01
    assert loudness[60:].max() < -0.02
    assert not effects.values[:, 0, effects.causes.index("brightness")].any()  # There is no picture.
    assert not effects.values[:, 0, effects.causes.index("talk")].any()  # It does not count in this model.


def test_what_is_said_has_an_effect_only_where_something_is_said() -> None:
    features = make_features(LINES, loud=slice(0, 0))
    effects = measure_effects(features, LINES, curve_model=LevelModel(features.columns), text_model=GunModel())
    said = effects.values[:, 0, effects.causes.index(WORDS)]
    assert said[100:103].min() > 0.02
    assert said[20:22].max() < 0  # It is less fearful than this film's lines usually are.
    assert not said[30:90].any()


def test_the_word_that_matters_is_found_in_its_line_and_told_by_how_much() -> None:
    features = make_features(LINES, loud=slice(0, 0))
    effects = measure_effects(features, LINES, curve_model=LevelModel(features.columns), text_model=GunModel())
    moved = {
        (int(line), word): float(value)
        for line, word, value in zip(effects.word_lines, effects.words, effects.word_values[:, 0], strict=True)
        if value
    }
    assert set(moved) == {(1, "gun")}
    # It is the whole of what is said in the first second, half in the next, and two thirds in the last.
    assert moved[1, "gun"] == pytest.approx(0.5 * (1 + 1 / 2 + 2 / 3) / 3, abs=0.005)


def test_a_film_without_words_or_of_one_second_has_effects_as_well() -> None:
    features = make_features((), loud=slice(0, 100))
    model = LevelModel(features.columns)
    assert measure_effects(features, (), curve_model=model, text_model=GunModel()).words == ()
    one = {name: getattr(features, name)[:1] for name in (*STREAMS, "present", "draft")}
    short = replace(features, **one)
    assert measure_effects(short, (), curve_model=model, text_model=GunModel()).values.shape == (
        1,
        1,
        len(find_causes(features.columns)),
    )


@pytest.mark.parametrize(
    ("text", "word", "left"),
    [
        ("He has a gun! A Gun!", "gun", "He has a ! A !"),
        ("Don't. Don’t you dare", "don't", ". Don’t you dare"),
        ("Ein Überfall", "überfall", "Ein"),
        ("gunpowder", "gun", "gunpowder"),
        ("Run!", "run", "!"),
    ],
)
def test_a_word_is_taken_out_wherever_it_stands_and_nothing_else(text: str, word: str, left: str) -> None:
    assert remove_word(text, word) == left


@pytest.mark.parametrize(
    ("stream", "columns"),
    [("frames", frames.COLUMNS), ("audio", audio.COLUMNS), ("transcript", transcript.TIMING_COLUMNS)],
)
def test_every_measurement_has_words_that_people_use(stream: str, columns: tuple[str, ...]) -> None:
    named = [column for cause in CAUSES if cause.stream == stream for column in cause.columns]
    assert sorted(named) == sorted(columns)


def test_every_column_belongs_to_one_cause(demo: Analysis) -> None:
    causes = find_causes(demo.features.columns)
    assert demo.effects is not None
    read = {column for columns in demo.effects.read.values() for column in columns}
    assert demo.effects.causes == tuple(cause.name for cause in causes if read & set(cause.columns))
    assert len(demo.effects.causes) < len(causes)
    for stream in STREAMS:
        named = [column for cause in causes if cause.stream == stream for column in cause.columns]
        assert sorted(named) == sorted(demo.features.columns[stream])


def test_the_curve_moves_as_told_when_the_named_cause_is_taken_out_of_the_measurements(demo: Analysis) -> None:
    trials = [trial for _, trial in try_measurements(demo, find_high_seconds(demo, 10))]
    assert len(trials) >= 20
    assert np.mean([trial.told * trial.moved > 0 for trial in trials]) >= 0.9


def test_the_curve_moves_as_told_when_the_named_words_are_taken_out_of_the_transcript(demo: Analysis) -> None:
    trials = try_words(demo.features, demo)
    assert len(trials) >= 4
    assert all(trial.told * trial.moved > 0 for trial in trials)


def test_a_cause_that_is_told_moves_the_curve_more_than_one_that_is_not(demo: Analysis) -> None:
    second = find_high_seconds(demo, 1)[0]
    told = [cause.cause for cause in tell_second(demo, second)]
    before, moved = draw_tension(demo.features), {}
    for cause in find_causes(demo.features.columns):
        changed = restore_usual(demo.features, cause, second - 10, second + 11)
        moved[cause.name] = abs(before[second] - draw_tension(changed)[second])
    assert moved[told[0]] > 2 * np.median([moved[name] for name in moved if name not in told])
