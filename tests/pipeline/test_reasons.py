"""Reasons of a curve: which are told, in what words, and what is not worth a word."""

from dataclasses import replace

import numpy as np
import pytest

from pipeline.effects import Effects
from pipeline.errors import LibraryError
from pipeline.features.causes import WORDS, Cause
from pipeline.reasons import say_way, tell_reasons, write_reasons
from pipeline.types import CURVES, Analysis, Features, Line
from tests.analyses import make_analysis

TENSION, VALENCE = CURVES.index("tension"), CURVES.index("valence")
SECONDS = 60
LINES = (Line(start_s=2, end_s=4, text="Don't, don't shoot!"), Line(start_s=55, end_s=57, text="A gun?"))


@pytest.fixture
def analysis() -> Analysis:
    made = make_analysis(SECONDS, cut_id="aa")
    loudness = np.zeros((SECONDS, 1), np.float32)
    loudness[:20] = 1
    features = Features(
        frames=np.zeros((SECONDS, 1)),
        audio=loudness,
        transcript=np.zeros((SECONDS, 2)),
        present=np.ones((SECONDS, 3), np.bool_),
        shot_starts_s=np.zeros(1),
        columns={"frames": ("brightness",), "audio": ("loudness",), "transcript": ("speech", "fear")},
        extractors={},
        draft=np.zeros(SECONDS, np.bool_),
    )
    values = np.zeros((SECONDS, len(CURVES), 4))
    values[:20, TENSION] = 0.004, 0.06, 0.02, -0.1
    values[20:, TENSION] = 0, -0.03, 0, 0
    values[:, VALENCE] = 0.019, 0, 0.021, 0
    effects = Effects(
        causes=("brightness", "loudness", "talk", WORDS),
        read=features.columns,
        values=values,
        word_lines=np.array([0, 0, 1]),
        words=("Don't", "shoot", "gun"),
        word_values=np.array([[-0.02], [0.01], [-0.05]]) * np.ones(len(CURVES)),
    )
    return replace(made, features=features, effects=effects, lines=LINES)


def test_the_strongest_come_first_with_their_words_and_what_is_slight_is_left_out(analysis):
    reasons = tell_reasons(analysis, curve="tension", start_s=3, end_s=4)
    assert [(told.text, told.effect) for told in reasons.causes] == [
        (WORDS, pytest.approx(-0.1, abs=1e-3)),
        ("louder", pytest.approx(0.06, abs=1e-3)),
        ("talk", pytest.approx(0.02, abs=1e-3)),
    ]
    # Of the words within reach only those that moved the curve the same way; the gun is too far off.
    assert [word.word for word in reasons.causes[0].words] == ["Don't"]
    assert "“Don't” in what is said" in write_reasons(reasons)
    assert "−0.10" in write_reasons(reasons)


def test_a_span_is_told_by_its_mean(analysis):
    reasons = tell_reasons(analysis, curve="tension", start_s=10, end_s=30)
    loudness = next(told for told in reasons.causes if told.cause == "loudness")
    assert loudness.effect == pytest.approx((0.06 - 0.03) / 2, abs=1e-3)
    assert reasons.value == pytest.approx(float(analysis.curves.curve("tension")[10:30].mean()))
    assert sum(reasons.shares.values()) == pytest.approx(1, abs=1e-5)


def test_quieter_is_said_where_it_is_quieter(analysis):
    reasons = tell_reasons(analysis, curve="tension", start_s=40, end_s=41)
    assert [told.text for told in reasons.causes] == ["quieter"]


def test_what_counts_as_slight_grows_with_the_range_of_the_curve(analysis):
    reasons = tell_reasons(analysis, curve="valence", start_s=3, end_s=4)
    assert [told.cause for told in reasons.causes] == ["talk"]


def test_where_nothing_moved_the_curve_that_is_said(analysis):
    reasons = tell_reasons(analysis, curve="joy", start_s=40, end_s=41)
    assert reasons.causes == ()
    assert "Nothing moved it" in write_reasons(reasons)


def test_a_draft_knows_no_reasons(analysis):
    with pytest.raises(LibraryError, match="there is only a draft, or an earlier version"):
        tell_reasons(replace(analysis, effects=None), curve="tension", start_s=3, end_s=4)


@pytest.mark.parametrize(("way", "said"), [(1.0, "louder"), (-1.0, "quieter"), (0.1, "loudness")])
def test_a_cause_is_said_the_way_it_goes(way, said):
    cause = Cause(name="loudness", stream="audio", columns={"loudness": 1}, more="louder", less="quieter")
    assert say_way(cause, way) == said
