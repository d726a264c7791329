"""Films larger than what the app may hold, through its real process."""

import sys

import pytest

from benchmarks.uploads import MOST_MB, WARM_UP_BYTES, measure_uploads
from studio.settings import read_settings
from studio.store import open_library

FILM_BYTES = 1 << 28
FILMS = 4
GROWTH_MB = 64


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
def test_memory_stays_flat_and_the_app_answers_while_four_films_arrive_and_one_is_played(tmp_path):
    figures = measure_uploads(tmp_path, film_bytes=FILM_BYTES, films=FILMS)
    assert WARM_UP_BYTES < FILM_BYTES
    assert figures.peak_mb - figures.before_mb < GROWTH_MB < FILM_BYTES / (1 << 20)
    assert figures.peak_mb < MOST_MB
    assert len(figures.answers_s) > 3
    assert figures.played > 3
    library = open_library(read_settings({"THROUGHLINE_HOME": str(tmp_path / "home")}))
    taken = {job.path.name for job in library.jobs.list_jobs()}
    library.close()
    assert taken == {"warm-up.mp4", *(f"film{number}.mp4" for number in range(FILMS))}
