"""Rendered trailers: found by what they show, one for each template, gone with their cut."""

from dataclasses import replace

import pytest

from pipeline.assembly.material import find_material
from studio.previews import FILM, REPORT
from studio.trailer_work import begin_work
from tests.analyses import make_analysis


@pytest.fixture(scope="module")
def trailer():
    analysis = make_analysis(300, cut_id="aa", seed=3)
    material = find_material(analysis.features, analysis.curves, analysis.lines, cut=analysis.cut)
    return begin_work(material, template="spot15", spoilers=()).trailer


def render(folder):
    folder.mkdir(parents=True)
    (folder / FILM).write_bytes(b"film")
    (folder / REPORT).write_text('{"precheck": []}')


def test_a_preview_is_found_only_for_what_it_shows_and_whom_it_is_for(library, trailer):
    previews = library.find_previews("aa")
    assert previews.find_film(trailer, "Ana") is None
    render(previews.place(trailer, "Ana"))
    assert previews.find_film(trailer, "Ana").read_bytes() == b"film"
    assert previews.read_report(trailer, "Ana") == {"precheck": []}
    assert previews.find_film(trailer, "Bo") is None
    assert previews.find_film(replace(trailer, clips=trailer.clips[1:]), "Ana") is None


def test_the_latest_of_a_template_is_kept(library, trailer):
    previews = library.find_previews("aa")
    shorter, other = replace(trailer, clips=trailer.clips[1:]), replace(trailer, template="spot30")
    for each in (trailer, shorter, other):
        render(previews.place(each, ""))
    previews.keep_only(previews.place(shorter, ""))
    assert previews.find_film(trailer, "") is None
    assert previews.find_film(shorter, "")
    assert previews.find_film(other, "")


def test_previews_go_with_their_cut_and_a_damaged_report_says_nothing(library, trailer):
    library.save_analysis(make_analysis(300, cut_id="aa", seed=3))
    previews = library.find_previews("aa")
    folder = previews.place(trailer, "")
    render(folder)
    (folder / REPORT).write_text("{")
    assert previews.read_report(trailer, "") == {}
    library.remove_cut("aa")
    assert not folder.exists()
