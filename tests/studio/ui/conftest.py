"""The app as a person's session sees it, on a home that is thrown away."""

import sys
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

APP = Path(__file__).resolve().parents[3] / "app.py"


@pytest.fixture(autouse=True)
def _own_main(monkeypatch):
    """Take the page that a session has run as `__main__` out of there again: new workers would import it."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


@pytest.fixture
def app(settings, monkeypatch) -> AppTest:
    """The app on the home of `settings`, not run yet."""
    monkeypatch.setenv("THROUGHLINE_HOME", str(settings.home))
    return AppTest.from_file(str(APP), default_timeout=30)
