"""Who is at work, in real browsers: a name that one remembers and no link carries, and one that a proxy says."""

import pytest
from playwright.sync_api import expect

from tests.browser.steps import expect_words_only
from tests.served_app import serve_app

MACHINE, ADA = "Cutting room 2", "Ada Lovelace; Árvíztűrő"
PROXY = {"X-Forwarded-User": "eve@cutting.example"}


@pytest.fixture
def open_page(browser):
    """Open a page in a browser of somebody's own, its requests with more headers."""
    contexts = []

    def open_page(address, headers=None):
        contexts.append(browser.new_context(viewport={"width": 1280, "height": 900}, extra_http_headers=headers))
        page = contexts[-1].new_page()
        page.goto(address)
        return page

    yield open_page
    for context in contexts:
        context.close()


def corner(page):
    return page.locator(".st-key-you button")


def test_a_browser_remembers_its_name_and_no_link_carries_it_to_another(open_page, tmp_path):
    with serve_app(tmp_path, THROUGHLINE_PERSON=MACHINE) as app:
        ada = open_page(app.address)
        expect(corner(ada)).to_contain_text(MACHINE)
        corner(ada).click()
        ada.get_by_label("Your name").fill(ADA)
        ada.keyboard.press("Enter")
        expect(corner(ada)).to_contain_text(ADA)
        ada.wait_for_function("document.cookie.includes('throughline-name=Ada')")
        ada.keyboard.press("Escape")
        ada.get_by_role("link", name="Jobs").click()
        expect(ada.get_by_role("heading", name="Jobs")).to_be_visible()
        expect(corner(ada)).to_contain_text(ADA)
        ada.reload()
        expect(corner(ada)).to_contain_text(ADA)
        expect_words_only(ada)
        expect(corner(open_page(ada.url))).to_contain_text(MACHINE)
        expect(corner(open_page(app.address, PROXY))).to_contain_text(MACHINE)  # The settings name no header.


def test_a_header_that_the_settings_name_says_who_has_signed_in(open_page, tmp_path):
    with serve_app(tmp_path, THROUGHLINE_PERSON=MACHINE, THROUGHLINE_PERSON_HEADER="x-forwarded-user") as app:
        page = open_page(app.address, PROXY)
        expect(corner(page)).to_contain_text("eve@cutting.example")
        corner(page).click()
        expect(page.get_by_text("You are signed in")).to_be_visible()
        expect(page.get_by_label("Your name")).to_have_count(0)
        expect(corner(open_page(app.address))).to_contain_text(MACHINE)
        expect_words_only(page)
