"""What the browser is told of a trailer's timeline."""

import re
from dataclasses import replace

import pytest

from pipeline.assembly.material import find_material
from pipeline.editing import lock_clip
from studio.trailer_work import begin_work
from studio.ui.sequence import draw_arc, list_starts, sequence_data, write_strip
from tests.analyses import make_analysis


@pytest.fixture(scope="module")
def analysis():
    return make_analysis(600, cut_id="aa", seed=3)


@pytest.fixture(scope="module")
def trailer(analysis):
    material = find_material(analysis.features, analysis.curves, analysis.lines, cut=analysis.cut)
    return begin_work(material, template="social", spoilers=()).trailer


def test_clips_follow_one_another_without_a_gap(analysis, trailer):
    data = sequence_data(analysis, trailer, film_url="/film/aa", dark=False)
    ends = [clip["at_s"] + clip["end_s"] - clip["start_s"] for clip in data["clips"]]
    assert [clip["at_s"] for clip in data["clips"][1:]] == pytest.approx(ends[:-1])
    assert ends[-1] == pytest.approx(data["total_s"])
    assert data["is_upright"]
    assert list_starts(replace(trailer, clips=())) == []


def test_the_strip_marks_what_is_picked_and_locked_and_escapes_what_it_is_called(analysis, trailer):
    clip = replace(trailer.clips[0], role='<b>"cold" & open')
    marked = lock_clip(replace(trailer, clips=(clip, *trailer.clips[1:])), index=0)
    strip = write_strip(analysis, marked, still_url="/still/aa/SECOND?a=1&b=2", picked=1)
    assert len(re.findall("<li", strip)) == len(trailer.clips)
    assert "<b>&quot;" not in strip.replace("<b>1</b>", "")
    assert "&lt;b&gt;&quot;cold&quot; &amp; open" in strip
    assert re.search(r'data-clip="0" class="clip locked"', strip)
    assert re.search(r'data-clip="1" class="clip picked"', strip)
    assert f"/still/aa/{int((clip.start_s + clip.end_s) / 2)}?a=1&amp;b=2" in strip


def test_the_arc_and_the_tension_lie_on_one_clock_from_end_to_end(trailer):
    tables = list(draw_arc(trailer).to_dict()["datasets"].values())
    curves = [table for table in tables if table and "value" in table[0]]
    assert len(curves) == 2
    for table in curves:
        assert table[0]["x_s"] == 0
        assert table[-1]["x_s"] == pytest.approx(float(trailer.duration_s), abs=1e-3)
