"""The jobs' page, as a session of the app draws it."""

from pathlib import Path

import pytest

from pipeline.types import Progress
from studio.entries import BATCH

PAGE = "studio/ui/pages/jobs.py"


def open_jobs(app):
    app.run()
    return app.switch_page(PAGE).run()


def shown(app):
    """Everything the page says, as one text."""
    return "\n".join(element.value for kind in ("markdown", "error") for element in app.get(kind)) + "\n".join(
        html.proto.body for html in app.get("html")
    )


def test_without_jobs_the_page_says_where_they_come_from(app):
    open_jobs(app)
    assert not app.exception
    assert "Nothing is at work" in shown(app)
    assert not app.get("progress")


def test_jobs_stand_in_their_order_with_stage_position_speed_person_and_urgency(app, library):
    archive = library.jobs.add_job(Path("/films/archive.mp4"), "Archive", priority=BATCH)
    library.jobs.add_job(Path("/films/night.mp4"), "Night")
    running = library.for_person("Grace").jobs.add_job(Path("/films/day.mp4"), "Day")
    library.jobs.start_job(running.id)
    library.jobs.report_job(running.id, Progress(stage="Reading", done=0.0, position_s=0.0), is_new_stage=True)
    library.jobs.report_job(running.id, Progress(stage="Reading", done=0.25, position_s=725.0))
    open_jobs(app)
    assert not app.exception
    bars = [bar.proto.text for bar in app.get("progress")]
    assert [bar.split("**")[1] for bar in bars] == ["Day", "Night", "Archive"]
    assert "25%" in bars[0]
    assert "at 12\\:05" in bars[0]
    assert "× · " in bars[0]
    assert "left" in bars[0]
    assert "<span>for Grace</span>" in shown(app)
    assert f"<span>for {archive.person}</span>" in shown(app)
    assert "when there is room" in shown(app)
    app.button(key=f"raise-{archive.id}").click().run()
    assert not app.exception
    assert [bar.proto.text.split("**")[1] for bar in app.get("progress")] == ["Day", "Archive", "Night"]
    assert "put first" in shown(app)
    assert app.button(key=f"raise-{archive.id}").disabled


def test_whose_a_job_is_goes_without_saying_while_only_one_person_has_any(app, library):
    for person in ("Ada", "Grace"):
        jobs = library.for_person(person).jobs
        waiting, failed, done = (jobs.add_job(Path("/films/night.mp4"), title) for title in ("Dusk", "Night", "Dawn"))
        for job in (failed, done):
            jobs.start_job(job.id)
        jobs.fail_job(failed.id, "It broke.", "Mend it.")
        jobs.finish_job(done.id, "aa")
        open_jobs(app)
        assert not app.exception
        is_said = person == "Grace"
        assert (f"<span>for {waiting.person}</span>" in shown(app)) == is_said
        assert (f"Night, for {failed.person}" in shown(app)) == is_said
        assert (f"<td>{done.person}</td>" in shown(app)) == is_said


@pytest.mark.parametrize("can_retry", [False, True])
def test_what_failed_is_tried_again_only_where_that_may_help(app, library, tmp_path, can_retry):
    film = tmp_path / "film.mp4"
    film.write_bytes(b"film")
    job = library.jobs.add_job(film, "Night")
    library.jobs.start_job(job.id)
    library.jobs.fail_job(job.id, "The disk is full.", "Make room on it.", can_retry=can_retry)
    open_jobs(app)
    assert "Night" in app.error[0].value
    assert "Make room" in app.error[0].value
    keys = {button.key for button in app.button}
    assert (f"retry-{job.id}" in keys) == can_retry
    if can_retry:
        app.button(key=f"retry-{job.id}").click().run()
        assert library.jobs.find_job(job.id).state == "waiting"
        assert not app.error


def test_what_has_ended_is_listed_until_a_person_clears_the_list(app, library):
    done, cancelled = (library.jobs.add_job(Path(f"/films/{name}.mp4"), name) for name in ("<b>Night</b>", "Day"))
    library.jobs.start_job(done.id)
    library.jobs.report_job(done.id, Progress(stage="Saving", done=1.0, position_s=600.0))
    library.jobs.finish_job(done.id, "aa")
    library.jobs.ask_cancel(cancelled.id)
    open_jobs(app)
    table = next(html.proto.body for html in app.get("html") if "<table" in html.proto.body)
    assert table.index("Day") < table.index("&lt;b&gt;Night&lt;/b&gt;")
    assert "<td>Done</td>" in table
    assert "<td>Cancelled</td>" in table
    assert "×</td>" in table
    app.button(key="clear-ended").click().run()
    assert library.jobs.list_jobs() == []


def test_the_end_of_a_job_is_told_on_whatever_page_a_person_is(app, library):
    job = library.jobs.add_job(Path("/films/night.mp4"), "Night")
    library.jobs.start_job(job.id)
    app.run()
    assert not app.toast
    library.jobs.finish_job(job.id, "aa")
    app.run()
    assert "Night" in app.toast[0].value
    assert "is analysed" in app.toast[0].value
    app.run()
    assert not app.toast


def test_the_librarys_page_shows_a_few_of_those_that_wait_and_says_where_the_others_are(app, library):
    for number in range(5):
        library.jobs.add_job(Path("/films/night.mp4"), f"Film {number}")
    app.run()
    assert len(app.get("progress")) == 3
    assert any("2 more that wait" in caption.value for caption in app.caption)
