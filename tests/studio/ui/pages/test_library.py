"""The library's page, as a session of the app draws it."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from models.shipped import CURVE_WEIGHTS
from pipeline.types import Progress
from studio.provenance import name_makers
from studio.upkeep import check_library
from tests.analyses import make_analysis


def shown(app):
    """Everything the page says, as one text."""
    return "\n".join(element.value for kind in ("title", "markdown", "error") for element in app.get(kind)) + "\n".join(
        html.proto.body for html in app.get("html")
    )


def test_an_empty_library_invites_a_first_cut(app):
    app.run()
    assert not app.exception
    assert app.title[0].value == "Every film has a through-line."
    assert "nothing leaves it" in app.markdown[0].value


def test_cuts_are_listed_with_length_and_streams(app, library):
    library.save_analysis(make_analysis(3725, title="Rough *cut* <b>2</b>", streams=("frames", "audio")))
    app.run()
    assert not app.exception
    words = shown(app)
    assert "Rough *cut* &lt;b&gt;2&lt;/b&gt;" in words
    assert "1:02:05" in words
    assert "<span>picture</span><span>sound</span>" in words
    assert "no words" in words
    assert "frames" not in words


def test_a_cut_opens_on_the_curves_page(app, library):
    library.save_analysis(make_analysis(20, title="Mine"))
    app.run()
    app.button(key=f"open-{library.list_cuts()[0].id}").click().run()
    assert not app.exception
    assert "Mine" in shown(app)
    assert app.get("download_button")


def test_a_cut_is_removed_with_its_curves(app, library):
    library.save_analysis(make_analysis(20))
    cut_id = library.list_cuts()[0].id
    app.run()
    app.button(key=f"remove-{cut_id}").click().run()
    assert not app.exception
    assert library.list_cuts() == []
    assert app.title[0].value == "Every film has a through-line."


def test_a_running_job_shows_its_stage_and_share_to_every_session(app, library):
    job = library.jobs.add_job(Path("/films/night_v2.mp4"), "Night *v2*")
    library.jobs.start_job(job.id)
    library.jobs.report_job(job.id, Progress(stage="Reading picture and sound", done=0.25, position_s=12.0))
    app.run()
    assert not app.exception
    bar = app.get("progress")[0].proto
    assert bar.value == 25
    assert "Reading picture and sound" in bar.text
    assert "25%" in bar.text
    assert "left" in bar.text
    assert app.button(key=f"cancel-{job.id}")


def test_the_draft_of_a_job_on_its_way_can_be_opened(app, library):
    analysis = make_analysis(40, title="Night")
    job = library.jobs.add_job(analysis.cut.path, "Night")
    library.jobs.start_job(job.id)
    library.jobs.name_job_cut(job.id, analysis.cut.cut_id)
    app.run()
    assert not [button for button in app.button if button.label == "Open the draft"]
    draft = replace(analysis, features=replace(analysis.features, draft=np.ones(40, bool)))
    library.find_parts(analysis.cut.cut_id).save_draft(draft)
    app.run()
    app.button(key=f"draft-{job.id}").click().run()
    assert not app.exception
    assert "all of the curve" in shown(app)


def test_a_job_without_a_title_goes_by_its_files_name(app, library):
    library.jobs.add_job(Path("/films/night_v2.mp4"), "")
    app.run()
    assert "night\\_v2" in app.get("progress")[0].proto.text
    assert "Waiting for its turn" in app.get("progress")[0].proto.text


def test_a_failure_shows_message_and_hint_until_it_is_dismissed(app, library):
    job = library.jobs.add_job(Path("/films/broken.mp4"), "Broken")
    library.jobs.start_job(job.id)
    library.jobs.fail_job(job.id, "This is not a film.", "Choose another file.")
    app.run()
    assert "This is not a film" in app.error[0].value
    assert "Choose another file" in app.error[0].value
    app.button(key=f"dismiss-{job.id}").click().run()
    assert not app.error
    assert library.jobs.list_jobs() == []


def keep_today(library, cut_id, title, **options):
    """Save an analysis that today's models made."""
    library.save_analysis(
        replace(make_analysis(20, cut_id=cut_id, title=title, **options), provenance=name_makers(CURVE_WEIGHTS))
    )


def test_versions_stand_under_their_title_in_their_order(app, library):
    for cut_id in ("aa", "bb"):
        keep_today(library, cut_id, "Night")
    keep_today(library, "cc", "Night, long")
    keep_today(library, "dd", "Dawn")
    library.projects.set_version("cc", project="Night", version="director's", position=1)
    library.remarks.add_tags("bb", ["locked & <done>"])
    app.run()
    assert not app.exception
    words = shown(app)
    places = [
        words.index(piece)
        for piece in (">Night</span>", "3 versions", ">director&#x27;s", ">Night, long</span>", ">v1<", ">v2<")
    ]
    assert places == sorted(places)
    assert '<div class="cut-title">Dawn</div>' in words
    assert "#locked" not in words
    assert '<span class="tag">locked &amp; &lt;done&gt;</span>' in words
    assert not [button for button in app.button if button.key.startswith("again-")]


def test_what_an_older_version_made_opens_and_can_be_analysed_again(app, library):
    library.save_analysis(make_analysis(20, cut_id="aa", title="Night"))
    keep_today(library, "bb", "Dawn")
    app.run()
    assert [button.key for button in app.button if button.key.startswith("again-")] == ["again-aa"]
    assert not app.button(key="open-aa").disabled
    app.button(key="again-aa").click().run()
    assert "no worker was started" in app.error[0].value  # These pages are drawn without one.
    library.jobs.add_job(Path("/films/a test.mp4"), "Night", cut_id="aa")
    app.run()
    assert not [button for button in app.button if button.key == "again-aa"]


def test_several_old_cuts_can_be_analysed_again_at_once(app, library):
    for cut_id in ("aa", "bb"):
        library.save_analysis(make_analysis(20, cut_id=cut_id, title=cut_id))
    app.run()
    assert any("2 cuts were analysed by an older version" in caption.value for caption in app.caption)
    app.button(key="again-all").click().run()
    assert "no worker was started" in app.error[0].value


def test_a_cut_whose_analysis_was_lost_says_so_and_does_not_open(app, library):
    keep_today(library, "aa", "Night")
    keep_today(library, "bb", "Dawn")
    library.analyses.discard(library.find_cut("aa").analysis)
    check_library(library)
    app.run()
    assert not app.exception
    assert app.button(key="open-aa").disabled
    assert "cannot be read" in app.button(key="again-aa").label


def test_a_cut_becomes_a_named_version_of_a_title_and_is_tagged(app, library):
    for seed, title in enumerate(("Night", "Night long"), start=1):
        library.save_analysis(make_analysis(20, seed=seed, title=title))
    long = next(cut for cut in library.list_cuts() if cut.title == "Night long")
    app.run()
    assert not app.exception
    form = [field for field in app.text_input if field.key.startswith(f"details-{long.id}")]
    by_label = {field.label: field for field in form}
    by_label["Title"].set_value("Night")
    by_label["Version"].set_value("director's")
    by_label["Tags"].set_value("Festival, 4K")
    next(button for button in app.button if button.form_id.startswith(f"details-{long.id}")).click().run()
    assert not app.exception
    assert not app.error
    changed = library.find_cut(long.id)
    assert (changed.project, changed.version, changed.tags) == ("Night", "director's", ("4k", "festival"))
    assert "2 versions" in shown(app)
    assert "tagged" in shown(app)
    places = [field for field in app.number_input if field.label == "Place among the versions"]
    assert sorted(field.value for field in places) == [1, 2]
    by_label = {field.label: field for field in app.text_input if field.key.startswith(f"details-{long.id}")}
    by_label["Tags"].set_value("")
    by_label["Version"].set_value("v1")
    next(button for button in app.button if button.form_id.startswith(f"details-{long.id}")).click().run()
    assert "already" in app.error[0].value  # The other version is called so.
    assert library.find_cut(long.id).tags == ("4k", "festival")
