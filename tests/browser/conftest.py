"""The real app on a free port and a real Chromium; without one the tests skip loudly, or fail where CI requires it."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from studio.settings import read_settings
from studio.store import Library, open_library
from tests.served_app import serve_app

FOLDER = Path(__file__).parent
CHROMIUM = Path("/usr/bin/chromium")
REQUIRE_BROWSER = os.environ.get("THROUGHLINE_REQUIRE_BROWSER") == "1"

expect.set_options(timeout=20_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests here, and try one once more when it fails: on a busy machine a click can meet a page being redrawn.

    What fails twice fails; what passed the second time is counted as rerun.
    """
    for item in items:
        if item.path.is_relative_to(FOLDER):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(scope="session")
def browser() -> Browser:
    if not CHROMIUM.is_file():
        message = f"NO BROWSER TEST WAS RUN: there is no Chromium at {CHROMIUM} (on Debian: apt-get install chromium)"
        if REQUIRE_BROWSER:
            pytest.fail(message)
        pytest.skip(message)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def address(home, browser) -> str:
    """The address of the app, running on a home of its own."""
    with serve_app(home) as app:
        yield app.address


@pytest.fixture
def library(home) -> Library:
    """The library that the app shows; empty again after every test."""
    library = open_library(read_settings({"THROUGHLINE_HOME": str(home)}))
    yield library
    for job in library.jobs.list_jobs():
        library.jobs.ask_cancel(job.id)
        library.jobs.forget_job(job.id)
    for cut in library.list_cuts():
        library.remove_cut(cut.id)
    library.close()


@pytest.fixture
def page(browser, address, library) -> Page:
    """A person's tab, which must not ask for anything outside this machine."""
    context = browser.new_context(viewport={"width": 1280, "height": 1100}, accept_downloads=True)
    page = context.new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address)
    yield page
    context.close()
    assert [url for url in asked if not url.startswith((address, "data:", "blob:"))] == []
