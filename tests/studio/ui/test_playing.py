"""What a page says of a film that no browser plays."""

import pytest

from studio.proxies import find_proxy_job
from tests.films import paint_shots, write_film
from tests.studio.films import make_film
from tests.studio.known_films import know_film

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


@pytest.mark.parametrize("page", PAGES)
def test_every_page_with_a_player_asks_for_a_copy_and_tells_how_far_it_is(app, library, cut, page):
    open_page(app, page)
    assert "a light copy is on its way" in shown_bars(app)[0]
    job = find_proxy_job(library, cut.cut_id)
    library.jobs.start_job(job.id)
    library.jobs.fail_job(job.id, "The disk is full.", "Make room on it, then try again.", can_retry=True)
    app.run()
    assert not shown_bars(app)
    told = " ".join(caption.value for caption in app.caption).replace("\\", "")
    assert "there is no light copy of it. The disk is full." in told
    next(button for button in app.button if button.label == "Make a light copy").click().run()
    assert find_proxy_job(library, cut.cut_id).state == "waiting"


def test_a_film_that_plays_says_nothing(app, library, tmp_path):
    cut = know_film(library, make_film(tmp_path / "light.mp4", seconds=1), "Light")
    open_page(app, PAGES[0])
    assert not shown_bars(app)
    assert find_proxy_job(library, cut.cut_id) is None
