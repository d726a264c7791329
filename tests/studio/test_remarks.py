"""Notes at timecodes, tags, and who did what."""

from fractions import Fraction

import pytest

from pipeline.errors import LibraryError, TimecodeError
from studio.remarks import timecode_to_instant
from tests.analyses import make_analysis


@pytest.fixture
def settings(either):
    return either


def test_notes_stand_in_the_order_of_the_film_with_who_noted_them(library):
    library.save_analysis(make_analysis(cut_id="aa"))
    library.remarks.add_note("aa", 20.5, "Zu lang.")
    library.remarks.add_note("aa", Fraction(1001, 24_000), " „Nacht“ ")
    notes = library.remarks.list_notes("aa")
    assert [(note.text, note.person) for note in notes] == [("„Nacht“", "Ada"), ("Zu lang.", "Ada")]
    library.remarks.remove_note("aa", notes[0].id[:4])
    assert library.remarks.list_notes("aa") == notes[1:]
    for wrong in ("", "zz", notes[0].id):
        with pytest.raises(LibraryError):
            library.remarks.remove_note("aa", wrong)


def test_notes_and_tags_outlive_a_new_analysis_and_go_with_the_cut(library):
    library.save_analysis(make_analysis(cut_id="aa"))
    library.remarks.add_note("aa", 1, "A note")
    library.remarks.add_tags("aa", ["Rough  Cut", "rough cut", "day"])
    library.save_analysis(make_analysis(seed=3, cut_id="aa"))
    assert library.find_cut("aa").tags == ("day", "rough cut")
    assert len(library.remarks.list_notes("aa")) == 1
    library.remove_cut("aa")
    library.save_analysis(make_analysis(cut_id="aa"))
    assert library.find_cut("aa").tags == ()
    assert library.remarks.list_notes("aa") == []


def test_what_makes_no_sense_is_refused(library):
    library.save_analysis(make_analysis(cut_id="aa"))
    for refused in (("aa", 1, " "), ("bb", 1, "A note"), ("aa", 1, "\0")):
        with pytest.raises(LibraryError):
            library.remarks.add_note(*refused)
    for cut_id, tags in (("aa", [" "]), ("aa", ["x" * 65]), ("bb", ["day"])):
        with pytest.raises(LibraryError):
            library.remarks.add_tags(cut_id, tags)
    library.remarks.remove_tags("aa", ["never there"])
    assert library.find_cut("aa").tags == ()


def test_tags_are_set_as_a_whole_and_only_what_changes_is_written_down(library):
    library.save_analysis(make_analysis(cut_id="aa"))
    library.remarks.add_tags("aa", ["day", "night"])
    library.remarks.set_tags("aa", ["Night", "festival"])
    assert library.find_cut("aa").tags == ("festival", "night")
    done = [(action.action, action.details) for action in library.audit.list_actions("aa")]
    assert done[-2:] == [("tagged", "festival"), ("tag removed", "day")]
    with pytest.raises(LibraryError):
        library.remarks.set_tags("aa", ["x" * 65])
    assert library.find_cut("aa").tags == ("festival", "night")


def test_every_timecode_of_a_film_comes_back(library):
    cut = make_analysis(3, start_timecode="00:59:59:22").cut
    for timecode in ("00:59:59:22", "00:59:59:23", "01:00:00:00", "01:00:01:13"):
        assert cut.timecode(float(timecode_to_instant(cut, timecode))) == timecode
    for outside in ("01:00:10:00", "00:59:59:21", "noon", "01:00:00;02"):
        with pytest.raises(TimecodeError):
            timecode_to_instant(cut, outside)


def test_it_is_told_who_did_what_and_when_even_of_a_cut_that_is_gone(library):
    library.save_analysis(make_analysis(cut_id="aa", title="Night"))
    library.save_analysis(make_analysis(seed=2, cut_id="aa", title="Night"))
    library.set_start_timecode("aa", "01:00:00:00")
    library.remarks.add_tags("aa", ["day"])
    library.remarks.add_note("aa", 2, "Slow")
    library.projects.set_version("aa", version="director's")
    library.remove_cut("aa")
    done = library.audit.list_actions("aa")
    assert [(entry.action, entry.details) for entry in done] == [
        ("analysed", "Night"),
        ("analysed again", "Night"),
        ("start timecode", "01:00:00:00"),
        ("tagged", "day"),
        ("noted", "Slow"),
        ("version", "director's"),
        ("removed", "Night"),
    ]
    assert {entry.person for entry in done} == {"Ada"}
    assert [entry.at for entry in done] == sorted(entry.at for entry in done)
