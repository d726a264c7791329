"""Fixtures for every test: where the data sets are, and a home that is thrown away."""

import os
from pathlib import Path

import pytest

REQUIRE_DATA = os.environ.get("THROUGHLINE_REQUIRE_DATA") == "1"


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of data sets that THROUGHLINE_DATA names; skips where there is none, fails where CI requires it."""
    folder = os.environ.get("THROUGHLINE_DATA")
    if folder and Path(folder).is_dir():
        return Path(folder)
    message = "THROUGHLINE_DATA names no folder of data sets"
    if REQUIRE_DATA:
        pytest.fail(message)
    pytest.skip(message)
