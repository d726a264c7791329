"""What tests of several stages share: the demo film, analysed once with the shipped models."""

from pathlib import Path

import pytest

from pipeline.types import Analysis
from tests.reading import analyse_film


@pytest.fixture(scope="session")
def demo() -> Analysis:
    return analyse_film(Path(__file__).parents[2] / "assets" / "demo.mp4")
