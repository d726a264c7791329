"""Notes on a curve: what they say, and where their marks lie."""

from dataclasses import replace

import pytest

from pipeline.comparison import Passage
from studio.ui.charts import draw_curves, place_strips
from studio.ui.passage_notes import describe_passage, write_passages
from studio.ui.tidy import clip_stretch
from tests.analyses import make_analysis

FLAT = Passage(kind="flat", start_s=10, end_s=50, level=0.5)
PEAK = Passage(kind="peak", start_s=80, end_s=81, level=0.8)
BUILD_UP = Passage(kind="build-up", start_s=60, end_s=80, level=0.4)
RELEASE = Passage(kind="release", start_s=80, end_s=95, level=0.25)


@pytest.fixture(scope="module")
def analysis():
    return make_analysis(120, cut_id="aa")


def test_every_kind_is_said_in_words():
    told = [describe_passage(passage) for passage in (FLAT, PEAK, BUILD_UP, RELEASE)]
    assert told == ["flat for 40 s at 0.50", "peak of 0.80", "builds up by 0.40 in 20 s", "lets go of 0.25 in 15 s"]
    assert describe_passage(replace(FLAT, level=-0.3)) == "flat for 40 s at −0.30"


def test_a_note_moves_the_film_to_its_beginning(analysis):
    page = write_passages(analysis, (FLAT, PEAK))
    assert 'data-seek="10"' in page
    assert page.count('role="button"') == 2
    assert "nothing to note" in write_passages(analysis, ())


@pytest.mark.parametrize("name", ["tension", "valence"])
def test_marks_lie_at_their_level_in_the_strip_of_their_curve(analysis, name):
    spec = draw_curves(analysis, (name,), passages=(FLAT, PEAK, BUILD_UP)).to_dict()
    rows = {row["kind"]: row for table in spec["datasets"].values() for row in table if "strength" in row}
    top = place_strips((name,))[{"tension": "curves"}.get(name, name)]
    assert set(rows) == {"flat", "build-up", "peak"}
    assert all(row["y_px"] >= top for row in rows.values())
    assert rows["peak"]["y_px"] < rows["flat"]["y_px"] < rows["build-up"]["y_px"]
    assert (rows["flat"]["x_s"], rows["flat"]["end_s"]) == (10, 50)


def test_marks_end_with_the_part_of_the_film_that_is_drawn(analysis):
    spec = draw_curves(analysis, passages=(FLAT, PEAK), stretch=clip_stretch(analysis, 20, 60)).to_dict()
    rows = [row for table in spec["datasets"].values() for row in table if "strength" in row]
    assert [(row["x_s"], row["end_s"]) for row in rows] == [(20, 50)]
