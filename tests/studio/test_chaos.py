"""A sample of what `benchmarks.chaos` does at length: workers, the scheduler and the app are killed at random points."""

from fractions import Fraction

from benchmarks.chaos import run_chaos
from tests.films import make_tone, paint_shots, write_film

KILLS = 4
SECONDS = 190


def test_nothing_finished_is_lost_when_worker_scheduler_and_app_are_killed(tmp_path):
    rate = Fraction(8)
    pictures = paint_shots(SECONDS, rate=rate, size=(160, 120), shot_s=20)
    film = write_film(tmp_path / "film.mp4", pictures=pictures, rate=rate, sound=make_tone(SECONDS))
    outcome = run_chaos([film], tmp_path, kills=KILLS, seed=26, pause_s=(0.3, 4))
    assert outcome.broken == []
    assert set(outcome.kills) == {"worker", "scheduler", "app"}
    assert outcome.kills.total() == KILLS
    assert outcome.kept
