"""What an edit did: figures, passages that are gone, sentences, and tables of them."""

import csv
import io
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from pipeline.comparison import Change, Comparison, Match
from pipeline.consequences import judge_changes, measure_pace
from pipeline.export.changes import render_aligned_csv, render_changes_csv
from pipeline.story_clock import align_curves, list_stretches, map_back, map_instant, place_change
from studio.report import render_report
from tests.analyses import make_analysis


def draw(seconds, tension, seed=0):
    """An analysis whose tension is drawn, with a band of a tenth."""
    analysis = make_analysis(seconds, seed=seed)
    values = np.array(analysis.curves.values)
    column = analysis.curves.names.index("tension")
    values[:, column] = tension
    low, high = values.copy(), values.copy()
    low[:, column], high[:, column] = values[:, column] - 0.05, values[:, column] + 0.05
    return replace(analysis, curves=replace(analysis.curves, values=values, low=low, high=high))


@pytest.fixture(scope="module")
def cuts():
    """A film of two peaks, and the same without the second, which took 40 seconds."""
    t = np.arange(300)
    tension = 0.2 + 0.5 * np.exp(-(((t - 80) / 12) ** 2)) + 0.4 * np.exp(-(((t - 200) / 12) ** 2))
    return draw(300, tension), draw(260, np.delete(tension, np.arange(180, 220)), seed=1)


@pytest.fixture(scope="module")
def comparison(cuts):
    a, b = cuts
    return Comparison(
        a_id=a.cut.cut_id,
        b_id=b.cut.cut_id,
        speed=Fraction(1),
        matches=(
            Match(kind="kept", a_start_s=0, a_end_s=180, b_start_s=0, b_end_s=180),
            Match(kind="kept", a_start_s=220, a_end_s=300, b_start_s=180, b_end_s=260),
        ),
        changes=(Change(kind="removed", a_start_s=180, a_end_s=220, b_start_s=180, b_end_s=180),),
    )


@pytest.fixture(scope="module")
def consequence(comparison, cuts):
    return judge_changes(comparison, *cuts)


def test_a_peak_that_was_removed_is_gone_and_the_sentence_says_which(consequence):
    assert [passage.kind for passage in consequence.gone if passage.kind == "peak"] == ["peak"]
    (effect,) = consequence.effects
    assert effect.sentence.startswith(
        "Removing 00:02:59-00:03:39 takes away the second-highest peak of the cut; the "
    )  # 23.976
    assert "now flat for" in effect.sentence
    assert "Tension around it falls by 0." in effect.sentence
    assert not effect.is_within_band("tension")


def test_the_whole_says_what_is_gone_and_what_is_new(consequence):
    counts = {kind: sum(passage.kind == kind for passage in consequence.gone) for kind in ("flat", "peak")}
    assert counts["peak"] == 1
    assert "1 peak gone." in consequence.sentences
    assert not any(sentence.startswith("0 ") for sentence in consequence.sentences)


def test_a_change_smaller_than_the_band_is_called_so(comparison, cuts):
    a = cuts[0]
    nothing = Change(kind="sound", a_start_s=10, a_end_s=20, b_start_s=10, b_end_s=20)
    whole = Match(kind="kept", a_start_s=0, a_end_s=300, b_start_s=0, b_end_s=300)
    judged = judge_changes(replace(comparison, matches=(whole,), changes=(nothing,)), a, a)
    assert judged.effects[0].differences["tension"] == 0
    assert "less than its band of 0.05" in judged.effects[0].sentence
    assert judged.gone == judged.new == ()


def test_both_cuts_stand_on_one_clock(consequence, comparison, cuts):
    aligned = consequence.aligned
    assert len(aligned.kinds) == 300
    assert aligned.kinds.count("removed") == 40
    assert place_change(list_stretches(comparison), comparison.changes[0]) == (180, 220)
    assert np.isnan(aligned.b[180:220]).all()
    np.testing.assert_array_equal(aligned.a, cuts[0].curves.values)
    np.testing.assert_array_equal(aligned.b[220:], cuts[1].curves.values[180:])
    assert map_instant(comparison, 200) is None
    assert map_instant(comparison, 230) == 190
    assert map_back(comparison, 190) == 230


def test_what_was_added_stands_where_it_was_added(comparison, cuts):
    a, b = cuts
    swapped = replace(
        comparison,
        matches=tuple(
            Match(kind="kept", a_start_s=m.b_start_s, a_end_s=m.b_end_s, b_start_s=m.a_start_s, b_end_s=m.a_end_s)
            for m in comparison.matches
        ),
        changes=(Change(kind="added", a_start_s=180, a_end_s=180, b_start_s=180, b_end_s=220),),
    )
    aligned = align_curves(swapped, b.curves, a.curves)
    assert aligned.kinds[179:221] == ("kept", *["added"] * 40, "kept")
    np.testing.assert_array_equal(aligned.b, a.curves.values)
    stretches = list_stretches(swapped)
    assert place_change(stretches, swapped.changes[0]) == (180, 220)
    behind = Change(kind="sound", a_start_s=180, a_end_s=200, b_start_s=220, b_end_s=240)
    before = Change(kind="sound", a_start_s=160, a_end_s=180, b_start_s=160, b_end_s=180)
    assert place_change(stretches, behind) == (220, 240)
    assert place_change(stretches, before) == (160, 180)


def test_pace_counts_shots_a_minute(cuts):
    starts = replace(cuts[0].features, shot_starts_s=np.arange(0, 300, 5.0), shot_kinds=())
    assert measure_pace(replace(cuts[0], features=starts), (60, 120)) == 12
    assert np.isnan(measure_pace(cuts[0], (300, 300)))


def test_the_tables_have_the_columns_that_people_rely_on(consequence):
    changes = list(csv.DictReader(io.StringIO(render_changes_csv(consequence))))
    assert list(changes[0])[:6] == ["kind", "a_start_s", "a_end_s", "b_start_s", "b_end_s", "tension_change"]
    assert (changes[0]["kind"], changes[0]["a_end_s"], changes[0]["b_end_s"]) == ("removed", "220.000000", "180.000000")
    rows = list(csv.DictReader(io.StringIO(render_aligned_csv(consequence))))
    assert len(rows) == 300
    assert (rows[200]["a_s"], rows[200]["b_s"], rows[200]["tension_b"]) == ("200.500000", "", "")


class OneStill:
    def read(self, second):
        return b"jpeg of %d" % second


def test_the_page_needs_nothing_else_and_titles_are_text_in_it(consequence, cuts):
    a = replace(cuts[0], cut=replace(cuts[0].cut, title="<b>A & co</b>"))
    page = render_report(consequence, a, cuts[1], stills=(OneStill(), OneStill()))
    assert "&lt;b&gt;A &amp; co&lt;/b&gt;" in page
    assert "<b>A" not in page
    assert "http" not in page
    assert page.count("data:image/jpeg;base64,") == 1
    assert page.count("<title>removed</title></rect>") == 1
    assert "takes away the second-highest peak" in page
