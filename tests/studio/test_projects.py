"""Titles, their versions and the order of these."""

from dataclasses import replace

import pytest

from pipeline.errors import LibraryError
from studio.entries import name_among
from tests.analyses import make_analysis


@pytest.fixture
def settings(either):
    return either


def list_versions(library, project: str) -> list[tuple[str, str]]:
    cuts = sorted((cut for cut in library.list_cuts() if cut.project == project), key=lambda cut: cut.position)
    assert [cut.position for cut in cuts] == list(range(1, len(cuts) + 1))
    return [(cut.id, cut.version) for cut in cuts]


@pytest.fixture
def three(library):
    for cut_id in ("aa", "bb", "cc"):
        library.save_analysis(make_analysis(3, cut_id=cut_id, title="Night"))
    return library


def test_cuts_of_one_title_are_its_versions_in_the_order_they_came(three):
    assert list_versions(three, "Night") == [("aa", "v1"), ("bb", "v2"), ("cc", "v3")]


def test_a_version_keeps_its_place_when_it_is_analysed_again(three):
    three.projects.set_version("bb", version="director's", position=1)
    three.save_analysis(make_analysis(3, seed=5, cut_id="bb", title="Night"))
    assert list_versions(three, "Night") == [("bb", "director's"), ("aa", "v1"), ("cc", "v3")]


def test_a_cut_of_another_title_becomes_a_version_of_this_one(three):
    three.save_analysis(make_analysis(3, cut_id="dd", title="Night, long"))
    three.projects.set_version("dd", project="Night", version="director's", position=2)
    assert list_versions(three, "Night") == [("aa", "v1"), ("dd", "director's"), ("bb", "v2"), ("cc", "v3")]
    assert three.find_cut("dd").title == "Night, long"
    assert list_versions(three, "Night, long") == []


def test_what_is_left_behind_closes_ranks(three):
    three.projects.set_version("aa", project="Day")
    assert list_versions(three, "Night") == [("bb", "v2"), ("cc", "v3")]
    assert list_versions(three, "Day") == [("aa", "v1")]


def test_a_number_is_not_given_twice(three):
    three.remove_cut("bb")
    three.save_analysis(make_analysis(3, cut_id="dd", title="Night"))
    assert [version for _, version in list_versions_of(three)] == ["v1", "v3", "v4"]


def list_versions_of(library):
    return sorted((cut.id, cut.version) for cut in library.list_cuts())


def test_an_only_version_follows_its_title_and_others_stay(three):
    three.save_analysis(make_analysis(3, cut_id="dd", title="Untitled"))
    three.save_analysis(make_analysis(3, cut_id="dd", title="Night"))
    assert list_versions(three, "Night")[-1] == ("dd", "v4")
    three.save_analysis(make_analysis(3, cut_id="dd", title="Dawn"))
    assert list_versions(three, "Night")[-1] == ("dd", "v4")
    assert three.find_cut("dd").title == "Dawn"


def test_a_version_that_makes_no_sense_is_refused_and_nothing_changes(three):
    before = list_versions(three, "Night")
    for wrong in ({"version": "v1"}, {"version": " "}, {"project": ""}, {"version": "a\0b"}):
        with pytest.raises(LibraryError):
            three.projects.set_version("cc", **wrong)
    with pytest.raises(LibraryError):
        three.projects.set_version("zz", version="v9")
    assert list_versions(three, "Night") == before


def test_cuts_of_one_title_are_called_by_their_versions(library):
    for number, title in enumerate(("Night", "Night", "Day")):
        analysis = make_analysis(seed=number, cut_id=f"{number}" * 16)
        library.save_analysis(replace(analysis, cut=replace(analysis.cut, title=title)))
    cuts = sorted(library.list_cuts(), key=lambda cut: cut.id)
    assert [name_among(cut, cuts) for cut in cuts] == ["Night, v1", "Night, v2", "Day"]
    alike = [replace(cut, version="v1") for cut in cuts]
    assert name_among(alike[0], alike) == "Night (000000)"
