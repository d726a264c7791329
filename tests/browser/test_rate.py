"""A person rates the demo film in a real browser, with keys and the mouse, and finds every rated second in the library."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from pipeline.ratings import RatingSeries
from tests.analyses import make_analysis
from tests.browser.steps import expect_words_only

DEMO = Path(__file__).parents[2] / "assets" / "demo.mp4"
DEMO_S = 90
SAVED_S = 20


@pytest.fixture
def cut(library):
    analysis = make_analysis(DEMO_S, cut_id="dd00dd00dd00dd00", title="Demo", path=DEMO)
    library.save_analysis(analysis)
    return analysis.cut


def load(library, curve: str, rater: str) -> dict[int, float]:
    found = [each for each in library.ratings.load_ratings("dd00dd00dd00dd00", rater) if each.curve == curve]
    return dict(found[0].values) if found else {}


def wait_for(library, curve: str, rater: str, is_there: Callable[[dict[int, float]], bool]) -> dict[int, float]:
    """Wait until the library has what was rated: the browser sends it within two seconds."""
    deadline_s = time.monotonic() + SAVED_S
    while not is_there(values := load(library, curve, rater)) and time.monotonic() < deadline_s:
        time.sleep(0.1)
    assert is_there(values), values
    return values


def wait_for_film(page: Page, condition: str) -> None:
    """Wait until something holds of the `video`, which lies in a shadow tree."""
    page.locator("video").evaluate(
        f"""video => new Promise((resolve) => {{
            const look = () => (({condition}) ? resolve() : setTimeout(look, 20));
            look();
        }})"""
    )


def watch_until(page: Page, at_s: float) -> None:
    """Let the film play until an instant, then pause it."""
    page.keyboard.press("Space")
    wait_for_film(page, f"video.currentTime >= {at_s}")
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()


def open_rate(page: Page, address: str, **query: str) -> None:
    page.goto(f"{address}/rate?" + "&".join(f"{name}={value}" for name, value in query.items()))
    expect(page.locator("video")).to_be_visible()
    wait_for_film(page, "video.readyState >= 2")


def test_the_demo_is_rated_with_keys_rewound_reloaded_and_kept_second_by_second(page, address, library, cut):
    page.goto(f"{address}/rate?cut={cut.cut_id}")
    name = page.get_by_placeholder("Your name, to begin")
    expect(name).to_be_visible()
    name.fill("=Ada")
    name.press("Enter")
    expect(page.get_by_text("is no rater's name")).to_be_visible()
    name.fill("Ada  Lovelace")
    name.press("Enter")
    expect(page.get_by_text("Move the slider, or press a key, to begin.")).to_be_visible()
    wait_for_film(page, "video.readyState >= 2")

    # Nothing is rated before the slider was touched; then digits and arrows set it.
    page.locator(".rate .value").click()
    watch_until(page, 1.3)
    page.keyboard.press("9")
    watch_until(page, 4.2)
    values = wait_for(library, "tension", "Ada Lovelace", lambda values: 3 in values)
    assert set(values) <= {1, 2, 3, 4}
    assert [values[second] for second in (2, 3)] == [1.0, 1.0]
    assert 0 not in values

    # Going back rates anew what is watched again, and nothing else.
    page.keyboard.press("5")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowLeft")
    watch_until(page, 3.05)
    values = wait_for(library, "tension", "Ada Lovelace", lambda values: values.get(2) != 1.0)
    assert [values[second] for second in (0, 1, 2)] == pytest.approx([0.45] * 3)
    assert values[3] == 1.0

    # While the film stands still nothing is rated, whatever the slider does.
    page.keyboard.press("1")
    page.wait_for_timeout(2500)
    assert load(library, "tension", "Ada Lovelace") == values

    # A reload knows who rates what, and goes on behind the last rated second.
    page.reload()
    wait_for_film(page, "video.currentTime > 0")
    assert page.locator("video").evaluate("video => video.currentTime") == max(values) + 1
    expect(page.locator(".rate .count")).to_have_text(f"0:00:0{len(values)} of 0:01:30 rated")
    assert not library.ratings.load_ratings(cut.cut_id, "Ada")
    expect_words_only(page)


def test_nothing_is_lost_when_the_tab_is_closed_or_the_library_cannot_be_reached(page, address, library, cut):
    open_rate(page, address, cut=cut.cut_id, rater="Kim", rated="valence")
    context = page.context
    context.route("**/ratings/**", lambda route: route.abort())
    page.get_by_role("slider", name="Your rating of valence").fill("75")
    watch_until(page, 2.2)
    expect(page.get_by_text("No connection to the library")).to_be_visible()
    assert load(library, "valence", "Kim") == {}
    page.close()
    context.unroute("**/ratings/**")
    again = context.new_page()
    open_rate(again, address, cut=cut.cut_id, rater="Kim", rated="valence")
    values = wait_for(library, "valence", "Kim", lambda values: len(values) >= 2)
    assert [values[second] for second in (0, 1)] == [0.5, 0.5]

    # Closing the tab in the middle sends what was watched so far.
    again.keyboard.press("9")
    again.keyboard.press("Space")
    last = max(values)
    wait_for_film(again, f"video.currentTime > {last + 2.1}")
    again.close(run_before_unload=False)
    values = wait_for(library, "valence", "Kim", lambda values: last + 1 in values)
    assert values[last + 1] == 1.0


def test_raters_are_seen_beside_the_model_only_behind_their_own_button(page, address, library, cut):
    for rater, tilt in (("Ada", 0.4), ("Grace", 0.5)):
        values = {second: 0.3 + tilt * second / DEMO_S for second in range(DEMO_S)}
        library.ratings.save_ratings(RatingSeries(cut_id=cut.cut_id, curve="tension", rater=rater, values=values))
    open_rate(page, address, cut=cut.cut_id, rater="Kim")
    expect(page.get_by_text("are hidden here")).to_be_visible()
    assert page.locator(".st-key-rating-chart").count() == 0
    page.get_by_text("Raters", exact=True).click()
    expect(page.locator(".agreement")).to_contain_text("1.00")
    expect(page.locator(".raters tbody tr")).to_have_count(2)
    expect(page.locator(".st-key-rating-chart .marks")).to_be_visible()

    # A table comes in, one that makes no sense is refused by its row, and somebody's ratings are deleted.
    page.get_by_role("button", name="Import").click()
    chooser = page.get_by_test_id("stFileUploaderDropzoneInput")
    for text, words in (
        ("second,Panel 1\n0,10\n1,200\n", "Row 3 of panel.csv"),
        ("second,Panel 1\n0,10\n1,20\n", "Imported 2"),
    ):
        chooser.set_input_files({"name": "panel.csv", "mimeType": "text/csv", "buffer": text.encode()})
        expect(page.get_by_test_id("stFileChip")).to_contain_text("panel")
        page.get_by_placeholder("such as 0,100").fill("0,100")
        page.get_by_role("button", name="Import").last.click()
        expect(page.get_by_text(words)).to_be_visible()
    assert load(library, "tension", "Panel 1") == {0: 0.1, 1: 0.2}
    page.keyboard.press("Escape")
    expect(page.locator(".raters tbody tr")).to_have_count(3)
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Delete Ada's tension").click()
    expect(page.locator(".raters tbody tr")).to_have_count(2)
    assert load(library, "tension", "Ada") == {}
    expect_words_only(page)
