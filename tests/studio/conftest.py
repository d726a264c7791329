"""A home that is thrown away, and the library in it."""

import pytest

from studio.settings import Settings, read_settings
from studio.store import Library, open_library


@pytest.fixture
def settings(tmp_path) -> Settings:
    return read_settings({"THROUGHLINE_HOME": str(tmp_path / "home")})


@pytest.fixture
def library(settings) -> Library:
    library = open_library(settings)
    yield library
    library.close()
