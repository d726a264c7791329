"""The chart of two cuts: both curves on the story's clock, and a ribbon for every change."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from pipeline.comparison import Change, Comparison, Match
from pipeline.consequences import judge_changes
from pipeline.types import CURVES
from studio.ui.compare_chart import draw_compared, place_lanes
from studio.ui.palette import DARK, LIGHT
from tests.analyses import make_analysis


@pytest.fixture(scope="module")
def consequence():
    a, b = make_analysis(100, seed=1), make_analysis(90, seed=2)
    comparison = Comparison(
        a_id="a",
        b_id="b",
        speed=Fraction(1),
        matches=(
            Match(kind="kept", a_start_s=0, a_end_s=40, b_start_s=0, b_end_s=40),
            Match(kind="kept", a_start_s=60, a_end_s=100, b_start_s=50, b_end_s=90),
        ),
        changes=(
            Change(kind="removed", a_start_s=40, a_end_s=60, b_start_s=40, b_end_s=40),
            Change(kind="added", a_start_s=40, a_end_s=40, b_start_s=40, b_end_s=50),
            Change(kind="sound", a_start_s=70, a_end_s=80, b_start_s=60, b_end_s=70),
        ),
    )
    return judge_changes(comparison, a, b)


def list_rows(spec, column):
    """The rows of the tables that have a column."""
    return [row for table in spec["datasets"].values() for row in table if column in row]


def test_ribbons_lie_on_the_story_clock_in_the_lane_of_their_kind(consequence):
    spec = draw_compared(consequence).to_dict()
    ribbons = [row for row in list_rows(spec, "shade") if row.get("middle_px") is None]
    spans = {(row["x_s"], row["end_s"], row["color"]) for row in ribbons}
    colors = LIGHT.changes
    assert spans == {(50, 70, colors["removed"]), (40, 50, colors["added"]), (80, 90, colors["sound"])}
    lanes = place_lanes(consequence.comparison.changes)
    assert list(lanes) == ["removed", "added", "sound"]
    assert all(before[1] <= after[0] for before, after in zip(lanes.values(), list(lanes.values())[1:], strict=False))
    assert {row["text"] for row in list_rows(spec, "text")} >= {"removed", "added", "sound"}


def test_each_curve_is_broken_where_its_cut_has_nothing(consequence):
    lines = list_rows(draw_compared(consequence).to_dict(), "cut")
    missing = {cut: [row["x_s"] for row in lines if row["cut"] == cut and row["value"] is None] for cut in "ab"}
    assert missing == {"a": list(np.arange(40, 50) + 0.5), "b": list(np.arange(50, 70) + 0.5)}


def test_the_picked_change_stands_out_and_what_is_filtered_away_is_faint(consequence):
    rows = list_rows(draw_compared(consequence, shown=(0, 2), picked=2).to_dict(), "shade")
    by_color = {row["color"]: row for row in rows}
    removed, added, sound = (by_color[LIGHT.changes[kind]] for kind in ("removed", "added", "sound"))
    assert sound["shade"] > removed["shade"] > added["shade"] == 0
    assert removed["solid"] == sound["solid"] > added["solid"]
    assert [row["picked"] for row in (removed, added, sound)] == [False, False, True]


@pytest.mark.parametrize("curve", CURVES)
@pytest.mark.parametrize("dark", [False, True])
def test_every_curve_is_drawn_in_both_faces(consequence, curve, dark):
    spec = draw_compared(consequence, curve=curve, dark=dark).to_dict()
    assert (DARK if dark else LIGHT).muted in str(spec)
    assert f"{curve}:" in {row["text"] for row in list_rows(spec, "text")}


def test_two_cuts_without_a_change_have_no_lanes(consequence):
    a = make_analysis(100, seed=1)
    whole = Match(kind="kept", a_start_s=0, a_end_s=100, b_start_s=0, b_end_s=100)
    same = judge_changes(replace(consequence.comparison, matches=(whole,), changes=()), a, a)
    assert place_lanes(same.comparison.changes) == {}
    assert draw_compared(same).to_dict()["height"] < draw_compared(consequence).to_dict()["height"]
