"""The compare page, as a session of the app draws it."""

import json
from dataclasses import replace

import numpy as np
import pytest

from tests.analyses import make_analysis
from tests.studio.known_cuts import save_known_cut

PAGE = "studio/ui/pages/compare.py"
ROWS = np.arange(60 * 25)


@pytest.fixture
def cuts(library, settings):
    """A film, a cut of it without four seconds, and one in which two others have changed places."""
    moved = np.r_[ROWS[:250], ROWS[1000:1100], ROWS[250:1000], ROWS[1100:]]
    return [
        save_known_cut(library, settings, rows, seed)
        for seed, rows in ((1, ROWS), (2, np.delete(ROWS, np.arange(500, 600))), (3, moved))
    ]


def open_compare(app, reference=None, *over):
    if reference is not None:
        app.query_params["cut"] = reference.cut.cut_id
        app.query_params["over"] = [cut.cut.cut_id for cut in over]
    app.run()
    app.switch_page(PAGE)
    if reference is not None:
        app.query_params["cut"] = reference.cut.cut_id
        app.query_params["over"] = [cut.cut.cut_id for cut in over]
    return app.run()


def shown_pair(app):
    (pair,) = [part for part in app.get("bidi_component") if part.proto.component_name.endswith("side_by_side")]
    return json.loads(pair.proto.json)


def shown_html(app):
    return "".join(part.proto.body for part in app.get("html"))


def test_without_a_cut_the_page_leads_to_the_library(app):
    open_compare(app)
    assert not app.exception
    assert app.title[0].value == "Nothing to compare yet."


def test_with_one_cut_it_says_that_another_is_wanted(app, library, settings):
    save_known_cut(library, settings, ROWS, 1)
    open_compare(app)
    assert not app.exception
    assert any("There is no other cut" in text.value for text in app.markdown)
    assert not app.get("bidi_component")


def test_the_only_other_cut_is_laid_over_the_reference(app, library, cuts):
    library.remove_cut(cuts[2].cut.cut_id)
    open_compare(app, cuts[0])
    assert not app.exception
    pair = shown_pair(app)
    (change,) = pair["changes"]
    assert (change["kind"], change["start_s"], change["end_s"]) == ("removed", 20, 24)
    assert [(stretch["kind"], stretch["at_s"], stretch["length_s"]) for stretch in pair["stretches"]] == [
        ("kept", 0, 20), ("removed", 20, 4), ("kept", 24, 36),
    ]  # fmt: skip
    assert pair["stretches"][2]["b"] == [20, 56]
    assert any("1 removed" in text.value for text in app.markdown)
    assert "Removing 00:00:20-00:00:24" in shown_html(app)
    assert [button.proto.label for button in app.get("download_button")] == [
        "Report with pictures",
        "Changes as CSV",
        "Aligned curves as CSV",
        "Change list as EDL",
        "Change list as OTIO",
    ]


def test_one_of_many_cuts_is_chosen_by_the_person(app, cuts):
    open_compare(app, cuts[0])
    assert any("Choose what to lay over it" in text.value for text in app.markdown)
    app.multiselect[0].select(cuts[1].cut.cut_id).run()
    assert not app.exception
    assert len(shown_pair(app)["changes"]) == 1
    assert app.query_params["over"] == cuts[1].cut.cut_id


def test_several_alternates_have_a_table_and_one_of_them_is_looked_at(app, cuts):
    open_compare(app, *cuts)
    assert not app.exception
    page = shown_html(app)
    assert page.count('class="alternates"') == 1
    assert "−4.0 s" in page
    assert shown_pair(app)["b"]["title"] == "Cut 2"
    app.button_group[0].set_value(1).run()
    assert shown_pair(app)["b"]["title"] == "Cut 3"
    assert {change["kind"] for change in shown_pair(app)["changes"]} == {"moved"}


def test_kinds_and_the_band_filter_the_list(app, library, cuts):
    open_compare(app, cuts[0], cuts[1])
    key = f"{cuts[0].cut.cut_id}-{cuts[1].cut.cut_id}"
    app.button_group(key=f"kinds-{key}").set_value(["removed"]).run()
    assert [change["is_shown"] for change in shown_pair(app)["changes"]] == [True]
    app.toggle(key=f"clear-{key}").set_value(True).run()
    assert not app.exception
    band = [change["is_shown"] for change in shown_pair(app)["changes"]]
    assert (band == [False]) == any("No change is of this kind" in text.value for text in app.markdown)


def test_another_reference_turns_the_comparison_round(app, library, cuts):
    library.remove_cut(cuts[2].cut.cut_id)
    open_compare(app, cuts[0])
    app.selectbox(key=f"reference-{cuts[0].cut.cut_id}").select(cuts[1].cut.cut_id).run()
    assert not app.exception
    assert app.query_params["cut"] == cuts[1].cut.cut_id
    assert [change["kind"] for change in shown_pair(app)["changes"]] == ["added"]


def test_cuts_of_an_older_version_are_told_apart(app, library, cuts):
    library.find_fingerprint(cuts[2].cut.cut_id).discard()
    open_compare(app, cuts[0])
    assert any("Cut 3 was analysed by an older version" in text.value for text in app.caption)
    assert len(shown_pair(app)["changes"]) == 1
    library.find_fingerprint(cuts[0].cut.cut_id).discard()
    app.run()
    assert "Cut 1 cannot be compared" in app.error[0].value.replace("\\", "")
    assert not app.get("bidi_component")


def test_a_fingerprint_that_was_harmed_is_told_of_and_the_other_cuts_are_compared(app, library, settings):
    cuts = [save_known_cut(library, settings, ROWS, seed) for seed in (4, 5, 6)]
    (settings.home / "fingerprints" / f"{cuts[1].cut.cut_id}.npz").write_bytes(b"nothing")
    open_compare(app, *cuts)
    assert not app.exception
    assert "cannot be compared" in app.error[0].value
    assert shown_pair(app)["b"]["title"] == "Cut 6"


def test_two_cuts_that_are_the_same_say_so(app, library, settings):
    first = save_known_cut(library, settings, ROWS, 1)
    library.save_analysis(replace(make_analysis(60, seed=9), cut=replace(first.cut, cut_id="b" * 16, title="The same")))
    fingerprints = settings.home / "fingerprints"
    (fingerprints / f"{'b' * 16}.npz").write_bytes((fingerprints / f"{first.cut.cut_id}.npz").read_bytes())
    open_compare(app, first)
    assert not app.exception
    assert any("both cuts are the same" in text.value for text in app.markdown)
    assert shown_pair(app)["changes"] == []


def test_a_stream_that_only_one_cut_has_is_told_of(app, library, settings):
    first, second = (save_known_cut(library, settings, ROWS, seed) for seed in (1, 7))
    library.save_analysis(replace(second, cut=replace(second.cut, streams=("frames", "audio"))))
    library.save_analysis(replace(first, cut=replace(first.cut, streams=("frames", "audio", "transcript"))))
    open_compare(app, first, second)
    assert not app.exception
    assert any(text.value.replace("\\", "").startswith("B has no words:") for text in app.caption)


def test_cuts_of_two_films_are_questioned(app, library, settings):
    first = save_known_cut(library, settings, ROWS[:750], 11)
    other = save_known_cut(library, settings, ROWS[750:] + 10, 12)
    open_compare(app, first, other)
    assert not app.exception
    assert any("Are they versions of one film?" in text.value.replace("\\", "") for text in app.caption)
