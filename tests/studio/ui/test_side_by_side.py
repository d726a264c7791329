"""What the browser is told to play two cuts in step."""

import base64
from dataclasses import replace
from fractions import Fraction

import pytest

from pipeline.comparison import Change, Comparison, Match
from pipeline.consequences import judge_changes
from pipeline.story_clock import find_destination, list_stretches
from studio.ui.side_by_side import NOTHING, Pair, pair_data
from tests.analyses import make_analysis


@pytest.fixture(scope="module")
def pair():
    """A cut whose middle moves to its end, of which ten seconds are slowed down, and which has an addition."""
    a, b = make_analysis(100, seed=1), make_analysis(120, seed=2, streams=("audio",))
    spans = [
        ("kept", (0, 30), (0, 30)),
        ("moved", (30, 50), (100, 120)),
        ("kept", (50, 80), (30, 60)),
        ("retimed", (80, 100), (70, 100)),
    ]
    matches = tuple(
        Match(kind=kind, a_start_s=a_s[0], a_end_s=a_s[1], b_start_s=b_s[0], b_end_s=b_s[1]) for kind, a_s, b_s in spans
    )
    changes = (
        Change(kind="moved", a_start_s=30, a_end_s=50, b_start_s=100, b_end_s=120),
        Change(kind="added", a_start_s=80, a_end_s=80, b_start_s=60, b_end_s=70),
        Change(kind="retimed", a_start_s=80, a_end_s=100, b_start_s=70, b_end_s=100),
    )
    comparison = Comparison(a_id="a", b_id="b", speed=Fraction(1), matches=matches, changes=changes)
    urls = ("/film/a?x", "/film/b?x"), ("/still/a/SECOND?x", "/still/b/SECOND?x")
    return Pair(a=a, b=b, consequence=judge_changes(comparison, a, b), film_urls=urls[0], still_urls=urls[1])


def test_every_stretch_says_where_either_cut_is(pair):
    data = pair_data(pair, shown=(0, 1, 2), curve="tension", dark=False)
    assert [(one["kind"], one["at_s"], one["length_s"], one["a"], one["b"]) for one in data["stretches"]] == [
        ("kept", 0, 30, [0, 30], [0, 30]),
        ("moved", 30, 20, [30, 50], [100, 120]),
        ("kept", 50, 30, [50, 80], [30, 60]),
        ("added", 80, 10, [80, 80], [60, 70]),
        ("retimed", 90, 20, [80, 100], [70, 100]),
    ]
    assert data["id"] == f"{pair.a.cut.cut_id}-{pair.b.cut.cut_id}"
    assert data["total_s"] == 110
    assert [(change["start_s"], change["end_s"]) for change in data["changes"]] == [(30, 50), (80, 90), (90, 110)]
    assert [lane["kind"] for lane in data["lanes"]] == ["added", "moved", "retimed"]
    assert [data[side]["has_picture"] for side in "ab"] == [True, False]


def test_what_has_moved_has_a_destination_on_the_clock(pair):
    stretches = list_stretches(pair.consequence.comparison)
    moved = pair.changes[0]
    assert find_destination(stretches, moved) == 110
    assert find_destination(stretches, replace(moved, b_start_s=10, b_end_s=30)) == 50


def test_only_what_the_list_shows_is_stepped_through(pair):
    data = pair_data(pair, shown=(1,), curve="tension", dark=False)
    assert [change["is_shown"] for change in data["changes"]] == [False, True, False]


def test_the_values_of_a_second_are_percent_of_the_range_and_nothing_where_there_is_nothing(pair):
    for curve in ("tension", "valence"):
        data = pair_data(pair, shown=(), curve=curve, dark=False)
        values = {side: list(base64.b64decode(data[side]["values"])) for side in "ab"}
        assert values["a"][80:90] == [NOTHING] * 10
        assert max(values["b"]) <= 100
        known = pair.a.curves.curve(curve)[:80]
        shown = [data["low"] + value / 100 * (data["high"] - data["low"]) for value in values["a"][:80]]
        assert shown == pytest.approx(known.tolist(), abs=0.011)


def test_cuts_that_have_nothing_in_common_play_one_behind_the_other(pair):
    changes = (
        Change(kind="removed", a_start_s=0, a_end_s=100, b_start_s=0, b_end_s=0),
        Change(kind="added", a_start_s=0, a_end_s=0, b_start_s=0, b_end_s=120),
    )
    comparison = replace(pair.consequence.comparison, matches=(), changes=changes)
    other = replace(pair, consequence=judge_changes(comparison, pair.a, pair.b))
    data = pair_data(other, shown=(0, 1), curve="tension", dark=True)
    assert sorted(one["kind"] for one in data["stretches"]) == ["added", "removed"]
    assert data["total_s"] == 220
