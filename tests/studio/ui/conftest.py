"""The app as a person's session sees it, on a home that is thrown away."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

APP = Path(__file__).resolve().parents[3] / "app.py"


@pytest.fixture
def app(settings, monkeypatch) -> AppTest:
    """The app on the home of `settings`, not run yet."""
    monkeypatch.setenv("THROUGHLINE_HOME", str(settings.home))
    return AppTest.from_file(str(APP), default_timeout=30)
