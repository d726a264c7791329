"""A trailer at work: kept with every edit, undone to what it was, and never lost to a text that cannot be read."""

from dataclasses import replace

import pytest
from sqlalchemy import create_engine, text

from pipeline.assembly.material import find_material
from pipeline.assembly.problem import AssemblyWeights
from pipeline.editing import ban_span, lock_clip, redo, undo
from pipeline.errors import TrailerError
from studio.trailer_work import MOST_KEPT, begin_work, edit_work, text_to_work, work_to_text
from tests.analyses import make_analysis


@pytest.fixture(scope="module")
def material():
    analysis = make_analysis(600, cut_id="aa", seed=3)
    return find_material(analysis.features, analysis.curves, analysis.lines, cut=analysis.cut)


@pytest.fixture(scope="module")
def begun(material):
    return begin_work(material, template="spot15", spoilers=())


def edit(work, change, material, *, is_solved=True):
    edited = replace(work.present, trailer=change(work.trailer))
    return edit_work(work, edited, material, spoilers=(), is_solved=is_solved)


def list_clips(trailer):
    return trailer.clips, trailer.bans, trailer.template


def test_edits_are_kept_and_undone_exactly(begun, material):
    locked = edit(begun, lambda trailer: lock_clip(trailer, index=0), material, is_solved=False)
    second = locked.trailer.clips[1]
    banned = edit(locked, lambda trailer: ban_span(trailer, start_s=second.start_s, end_s=second.end_s), material)
    scored = replace(banned.present, weights=AssemblyWeights(arc=3.5), music="march.wav", beats_s=(0.5, 1.0))
    scored = replace(edit_work(banned, scored, material, spoilers=(), is_solved=True), person="Ana")
    kept = text_to_work(work_to_text(scored))
    assert list_clips(kept.trailer) == list_clips(scored.trailer)
    assert (kept.present.music, kept.present.beats_s, kept.person) == ("march.wav", (0.5, 1.0), "Ana")
    assert kept.present.weights == AssemblyWeights(arc=3.5)
    assert work_to_text(kept) == work_to_text(scored)
    without = undo(kept.history)
    assert (without.present.music, without.present.weights) == ("", AssemblyWeights())
    assert list_clips(without.present.trailer) == list_clips(banned.trailer)
    back = undo(undo(without))
    assert list_clips(back.present.trailer) == list_clips(begun.trailer)
    assert list_clips(redo(back).present.trailer) == list_clips(locked.trailer)


def test_an_edit_keeps_the_length_what_is_locked_and_out_of_what_is_banned(begun, material):
    locked = edit(begun, lambda trailer: lock_clip(trailer, index=2), material, is_solved=False)
    first = locked.trailer.clips[0]
    after = edit(locked, lambda trailer: ban_span(trailer, start_s=first.start_s, end_s=first.end_s), material).trailer
    assert after.duration_s == begun.trailer.duration_s
    assert locked.trailer.clips[2] in after.clips
    assert all(clip.end_s <= first.start_s or clip.start_s >= first.end_s for clip in after.clips)


def test_so_many_edits_are_kept_and_no_more(begun, material):
    work = begun
    for _ in range(MOST_KEPT + 3):
        work = edit(work, lambda trailer: trailer, material, is_solved=False)
    assert len(work.history.past) == MOST_KEPT


def test_an_edit_that_cannot_be_changes_nothing(begun, material):
    locked = edit(begun, lambda trailer: lock_clip(trailer, index=0), material, is_solved=False)
    clip = locked.trailer.clips[0]
    with pytest.raises(TrailerError):
        edit(locked, lambda trailer: ban_span(trailer, start_s=clip.start_s, end_s=clip.end_s), material)


def test_work_is_one_for_each_template_and_goes_with_the_cut(library, begun, material):
    library.save_analysis(make_analysis(600, cut_id="aa", seed=3))
    assert library.decisions.load_work("aa", "spot15") is None
    library.decisions.save_work("aa", begun)
    assert list_clips(library.decisions.load_work("aa", "spot15").trailer) == list_clips(begun.trailer)
    assert library.decisions.load_work("aa", "teaser") is None
    library.remove_cut("aa")
    library.save_analysis(make_analysis(600, cut_id="aa", seed=3))
    assert library.decisions.load_work("aa", "spot15") is None


@pytest.mark.parametrize(
    "change", [("spot15", "opera"), ('"format": 1', '"format": 99'), ("/", "/0*"), ('"role"', '"r"')]
)
def test_a_damaged_text_is_refused_and_the_library_begins_anew(library, settings, begun, change):
    damage = work_to_text(begun).replace(*change)
    with pytest.raises(ValueError, match=r"trailer|template|literal"):
        text_to_work(damage)
    library.save_analysis(make_analysis(600, cut_id="aa", seed=3))
    library.decisions.save_work("aa", begun)
    engine = create_engine(settings.database)
    with engine.begin() as connection:
        connection.execute(text("UPDATE decisions SET document = :document"), {"document": damage})
    engine.dispose()
    assert library.decisions.load_work("aa", "spot15") is None
