"""What is analysed again, and what the library knows well enough."""

from dataclasses import replace
from fractions import Fraction

import pytest

from models.shipped import identify_curve_model, identify_shot_model, identify_text_model
from pipeline.errors import Cancelled, LibraryError, TimecodeError, TranscriptError
from pipeline.export.tables import render_curves_csv
from pipeline.features.extract import name_extractors
from pipeline.removal import VERSION as EFFECTS_VERSION
from pipeline.streams.probe import probe_cut
from pipeline.streams.transcript import read_transcript
from studio.analysing import analyse_once
from studio.media import store_upload
from studio.networks import OwnCrew
from tests.analyses import make_analysis
from tests.films import make_tone, paint_shots, write_film
from tests.studio.films import make_film

SHIPPED = {
    "curves": identify_curve_model(),
    "shots": identify_shot_model(),
    "text": identify_text_model(),
    "effects": EFFECTS_VERSION,
    **name_extractors(identify_text_model()),
}

SUBTITLES = "1\n00:00:00,200 --> 00:00:00,900\n{}\n"


@pytest.fixture
def film(tmp_path):
    return make_film(tmp_path / "night.mp4", seconds=1)


def keep(library, film, *, provenance=SHIPPED, transcript=None, title="Night"):
    """Put an analysis of a film into the library, as if an earlier day had made it."""
    cut = probe_cut(film, title=title, transcript=transcript)
    analysis = make_analysis(1, cut_id=cut.cut_id, title=title, path=film, streams=("frames", "audio"))
    library.save_analysis(replace(analysis, cut=cut, provenance=provenance))
    return cut.cut_id


def keep_with_lines(library, film, transcript):
    """The same with the lines of a subtitle file."""
    cut_id = keep(library, film, transcript=transcript)
    analysis = library.load_analysis(cut_id)
    library.save_analysis(replace(analysis, lines=read_transcript(analysis.cut)))
    return cut_id


def refuse_models(progress):
    """Stop an analysis that is really made: one that is known needs no models."""
    if progress.stage == "Loading the models":
        raise Cancelled


def is_known(library, film, **given):
    try:
        analyse_once(library, film, crew=OwnCrew(library.settings), report=refuse_models, **given)
    except Cancelled:
        return False
    return True


def test_a_film_is_analysed_once(library, film):
    assert not is_known(library, film)
    assert library.list_cuts() == []
    keep(library, film)
    assert is_known(library, film)


@pytest.mark.parametrize("name", ["curves", "text"])
def test_curves_of_other_models_are_not_served_for_ever(library, film, name):
    keep(library, film, provenance={**SHIPPED, name: "one-of-last-year"})
    assert not is_known(library, film)


def test_what_still_holds_is_analysed_again_when_that_is_asked_for(library, film):
    keep(library, film)
    assert not is_known(library, film, again=True)


def test_a_new_title_is_taken_over_and_none_leaves_the_old_one(library, film):
    cut_id = keep(library, film, title="Night")
    assert is_known(library, film)
    assert library.load_analysis(cut_id).cut.title == "Night"
    assert is_known(library, film, title="Night and fog")
    assert library.load_analysis(cut_id).cut.title == library.list_cuts()[0].title == "Night and fog"


def test_a_start_timecode_is_taken_over_without_reading_the_film_and_stays(library, film):
    cut_id = keep(library, film)
    before = library.load_analysis(cut_id)
    assert is_known(library, film, start_timecode="10:00:00:00")
    assert is_known(library, film)
    after = library.load_analysis(cut_id)
    assert after.cut.start_timecode == "10:00:00:00"
    assert (after.cut.title, after.curves.values.tobytes()) == ("Night", before.curves.values.tobytes())
    assert is_known(library, film, title="Fog", start_timecode="00:59:59:23")
    assert library.load_analysis(cut_id).cut.start_timecode == "00:59:59:23"


def test_a_start_timecode_outlives_an_analysis_made_anew(library, film):
    cut_id = keep(library, film, provenance={})
    library.set_start_timecode(cut_id, "10:00:00:00")
    analysis = analyse_once(library, film, crew=OwnCrew(library.settings))
    assert analysis.provenance != {}
    assert analysis.cut.start_timecode == "10:00:00:00"
    assert library.load_analysis(cut_id).cut.title == "Night"


def test_measurements_of_an_earlier_version_are_made_again(library, film):
    keep(library, film, provenance={**SHIPPED, "evidence": "0"})
    assert not is_known(library, film)


def test_an_interrupted_analysis_goes_on_and_leaves_nothing_behind(library, film, settings):
    def interrupt(progress):
        if progress.stage == "Drawing the curves":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        analyse_once(library, film, crew=OwnCrew(library.settings), report=interrupt)
    (folder,) = (settings.home / "parts").iterdir()
    kept = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert len(kept) == 2  # One chunk of the picture, and the sound.
    again = analyse_once(library, film, crew=OwnCrew(library.settings))
    assert not list((settings.home / "parts").iterdir())
    library.remove_cut(again.cut.cut_id)
    fresh = analyse_once(library, film, crew=OwnCrew(library.settings))
    assert render_curves_csv(again) == render_curves_csv(fresh)


def test_a_start_timecode_that_the_film_never_shows_changes_nothing(library, film):
    cut_id = keep(library, film)
    for wrong in ("01:00:00;00", "01:00:00:24", "at one"):
        with pytest.raises(TimecodeError):
            is_known(library, film, start_timecode=wrong)
    assert library.load_analysis(cut_id).cut.start_timecode is None


def test_a_film_that_is_now_found_to_be_longer_is_read_again(library, film):
    cut_id = keep(library, film)
    known = library.load_analysis(cut_id)
    library.save_analysis(replace(known, cut=replace(known.cut, duration_s=known.cut.duration_s / 2)))
    assert not is_known(library, film)


def test_a_film_that_was_moved_is_found_in_its_new_place(library, film, tmp_path):
    keep(library, film)
    assert is_known(library, film.rename(tmp_path / "moved.mp4"))
    assert library.list_cuts()[0].path == tmp_path / "moved.mp4"


def test_a_film_that_was_saved_over_is_found_where_it_still_is(library, film, tmp_path):
    keep(library, film)
    copy = film.rename(tmp_path / "copy.mp4")
    make_film(film, seconds=1, seed=1)
    assert is_known(library, copy)
    assert library.list_cuts()[0].path == copy


def test_other_subtitles_make_other_curves_and_the_same_ones_do_not(library, film, tmp_path):
    first, same, other = tmp_path / "a.srt", tmp_path / "b.srt", tmp_path / "c.srt"
    first.write_text(SUBTITLES.format("Who is there?"))
    same.write_text("\n" + SUBTITLES.format("<i>Who is there?</i>"))
    other.write_text(SUBTITLES.format("Nobody is there."))
    keep(library, film)
    assert not is_known(library, film, transcript=first)
    cut_id = keep_with_lines(library, film, first)
    assert is_known(library, film)
    assert is_known(library, film, transcript=same)
    assert library.load_analysis(cut_id).cut.transcript_path == same
    assert not is_known(library, film, transcript=other)
    same.write_text(SUBTITLES.format("Nobody is there."))
    assert not is_known(library, film)


def test_subtitles_that_were_lost_leave_what_was_read_of_them(library, film, tmp_path):
    subtitles = tmp_path / "a.srt"
    subtitles.write_text(SUBTITLES.format("Who is there?"))
    cut_id = keep_with_lines(library, film, subtitles)
    subtitles.unlink()
    assert is_known(library, film)
    known = library.load_analysis(cut_id)
    assert known.cut.transcript_path is None
    assert "transcript" in known.cut.streams
    assert known.lines


def test_subtitles_that_cannot_be_read_are_refused_for_a_known_film_too(library, film, tmp_path):
    keep(library, film)
    broken = tmp_path / "broken.srt"
    broken.write_text("No subtitles at all.")
    with pytest.raises(TranscriptError):
        is_known(library, film, transcript=broken)


def test_an_upload_of_a_known_film_is_not_kept_twice(library, film, settings):
    first, second = (store_upload(settings, "night.mp4", [film.read_bytes()]) for _ in range(2))
    keep(library, first)
    assert is_known(library, second)
    assert library.list_cuts()[0].path == first


def make_long_film(path):
    pictures = paint_shots(310, rate=Fraction(1), size=(64, 48), shot_s=20)
    return write_film(path, pictures=pictures, rate=Fraction(1), sound=make_tone(310))


def test_a_long_film_has_drafts_before_its_analysis_and_none_behind_it(library, tmp_path):
    film = make_long_film(tmp_path / "long.mp4")
    seen, followed = [], []

    def look(progress):
        draft = library.find_parts(followed[0].cut_id).load_draft() if followed else None
        seen.append(None if draft is None else int(draft.features.draft.sum()))

    analysis = analyse_once(library, film, crew=OwnCrew(library.settings), report=look, follow=followed.append)
    assert followed[0].cut_id == analysis.cut.cut_id
    assert 310 in seen
    assert any(rest is not None and 0 < rest < 310 for rest in seen)
    assert not analysis.features.draft.any()
    assert library.find_parts(analysis.cut.cut_id).load_draft() is None
    plain = analyse_once(library, film, crew=OwnCrew(library.settings))
    assert plain.curves.values.tobytes() == analysis.curves.values.tobytes()


def test_a_draft_is_found_with_its_film_until_the_analysis_is(library, film):
    analysis = make_analysis(1, path=film)
    job = library.jobs.add_job(film, "Night")
    library.jobs.start_job(job.id)
    library.jobs.name_job_cut(job.id, analysis.cut.cut_id)
    with pytest.raises(LibraryError):
        library.load_latest(analysis.cut.cut_id)
    library.find_parts(analysis.cut.cut_id).save_draft(analysis)
    assert library.load_latest(analysis.cut.cut_id).cut == analysis.cut
    assert library.find_film(analysis.cut.cut_id) == film
    library.save_analysis(replace(analysis, notes=("Done.",)))
    assert library.load_latest(analysis.cut.cut_id).notes == ("Done.",)
    library.jobs.end_cancelled_job(job.id)
    library.remove_cut(analysis.cut.cut_id)
    with pytest.raises(LibraryError):
        library.find_film(analysis.cut.cut_id)


def test_what_was_read_for_a_job_goes_with_the_job(library, film):
    cut_id = probe_cut(film).cut_id
    for end in (library.jobs.forget_job, library.jobs.ask_cancel):
        job = library.jobs.add_job(film, "Night")
        library.jobs.name_job_cut(job.id, cut_id)
        library.find_parts(cut_id).save_draft(make_analysis(1))
        if end == library.jobs.forget_job:
            library.jobs.fail_job(job.id, "It broke off.", "Add the film again.")
        end(job.id)
        assert library.find_parts(cut_id).load_draft() is None
