"""What a page says of a film that no browser plays."""

from pathlib import Path

import pytest

from pipeline.footage import Playback
from studio.entries import USUAL
from studio.proxies import find_proxy_job
from tests.analyses import make_analysis
from tests.films import paint_shots, write_film
from tests.studio.films import make_film
from tests.studio.known_cuts import save_known_cut
from tests.studio.known_films import know_film
from tests.studio.ui.pages.test_compare import ROWS

PAGES = [f"studio/ui/pages/{name}.py" for name in ("curves", "moments", "trailer", "rate", "compare")]


@pytest.fixture
def cut(library, tmp_path):
    path = write_film(tmp_path / "reel.avi", pictures=paint_shots(2), picture_codec="mpeg4")
    return know_film(library, path, "Reel")


def open_page(app, page):
    app.run()
    app.switch_page(page).run()
    assert not app.exception


def shown_bars(app):
    return [bar.proto.text for bar in app.get("progress")]


def told(app):
    return " ".join(caption.value for caption in app.caption).replace("\\", "")


@pytest.mark.parametrize("page", PAGES)
def test_every_page_with_a_player_offers_a_copy_and_tells_how_far_it_is(app, library, cut, page):
    open_page(app, page)
    assert "No browser plays “Reel” as it is, and there is no light copy of it." in told(app)
    next(button for button in app.button if button.label == "Make a light copy").click().run()
    job = find_proxy_job(library, cut.cut_id)
    assert (job.state, job.priority) == ("waiting", USUAL)
    assert "a light copy is on its way" in shown_bars(app)[0]
    library.jobs.start_job(job.id)
    library.jobs.fail_job(job.id, "The disk is full.", "Make room on it, then try again.", can_retry=True)
    app.run()
    assert not shown_bars(app)
    assert "there is no light copy of it. The disk is full." in told(app)


def test_both_films_of_a_comparison_are_told_of(app, library, settings, tmp_path):
    for seed in (1, 2):
        analysis = save_known_cut(library, settings, ROWS, seed)
        library.find_proxy(analysis.cut.cut_id).note_playback(Playback(is_playable=False, is_light=False))
    open_page(app, PAGES[-1])
    assert all(f"No browser plays “Cut {seed}” as it is" in told(app) for seed in (1, 2))


def test_a_film_that_plays_says_nothing(app, library, tmp_path):
    know_film(library, make_film(tmp_path / "light.mp4", seconds=1), "Light")
    open_page(app, PAGES[0])
    assert not shown_bars(app)
    assert "No browser" not in told(app)


def test_of_what_an_earlier_version_analysed_its_name_tells_whether_it_plays(app, library):
    for number, name in enumerate(("/films/a.mp4", "/films/b.mxf", "s3:/films/c.mp4")):
        library.save_analysis(make_analysis(3, cut_id=f"{number:016x}", title=name, path=Path(name)))
    app.run()
    for number, is_offered in enumerate((False, True, True)):
        app.query_params["cut"] = f"{number:016x}"
        app.switch_page(PAGES[0]).run()
        assert ("No browser plays" in told(app)) == is_offered
