"""Work handed to workers: the same as in one process, and told of while it is done."""

import threading
import time
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from benchmarks.film_store import serve_films
from benchmarks.processes import ProcessCluster
from models.shipped import identify_curve_model
from pipeline.errors import Cancelled, MediaError, SchedulerLost, SettingError, WorkLost
from pipeline.gather import gather_evidence
from pipeline.streams.probe import probe_cut
from pipeline.streams.read import open_streams
from pipeline.types import ignore_progress
from studio import tasks
from studio.analysing import analyse_once
from studio.blob import analysis_to_bytes
from studio.cluster import Cluster
from studio.cluster_crew import ClusterCrew
from studio.crews import open_crew
from studio.networks import OwnCrew
from studio.settings import read_settings
from studio.store import open_library
from tests.films import make_tone, paint_shots, write_film
from tests.reading import assert_same_evidence
from tests.studio.films import make_film

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
"""Dask leaves sockets of a worker that was killed to the garbage collector."""

SECONDS = 200
PATIENCE_S = 60


@pytest.fixture(scope="module")
def film(tmp_path_factory) -> Path:
    path, rate = tmp_path_factory.mktemp("film") / "film.mp4", Fraction(2)
    pictures = paint_shots(SECONDS, rate=rate, size=(64, 48), shot_s=20)
    return write_film(path, pictures=pictures, rate=rate, sound=make_tone(SECONDS))


@pytest.fixture(scope="module")
def expected(film, tmp_path_factory) -> bytes:
    """What one process makes of the film."""
    library = open_library(read_settings({"THROUGHLINE_HOME": str(tmp_path_factory.mktemp("one process"))}))
    analysis = analyse_once(library, film, crew=OwnCrew(library.settings))
    library.close()
    return pack(analysis)


def pack(analysis) -> bytes:
    """All of an analysis but where its film lies."""
    return analysis_to_bytes(replace(analysis, cut=replace(analysis.cut, path=Path("film.mp4"))))


def make_crew(cluster) -> ClusterCrew:
    return ClusterCrew(cluster, find_priority=lambda: 0, check=lambda: None)


def list_with_networks(cluster) -> list[str]:
    """The workers that have loaded the networks."""
    found = cluster._client.run(lambda: "keras" in __import__("sys").modules)
    return [worker for worker, has in found.items() if has]


def test_two_workers_make_the_analysis_of_one_process_and_one_of_them_has_the_networks(
    cluster, film, library, expected
):
    seen = []
    assert len(open_streams(probe_cut(film)).chunks) == 3
    analysis = analyse_once(
        library,
        film,
        crew=make_crew(cluster),
        report=lambda progress: seen.append((progress.stage, progress.position_s)),
    )
    assert pack(analysis) == expected
    assert len(list_with_networks(cluster)) == 1
    assert cluster.count_threads() == 2
    read = [position_s for stage, position_s in seen if stage == "Reading picture and sound"]
    assert read == sorted(read)
    assert read[-1] == SECONDS


def test_processes_that_share_no_folder_measure_the_same_of_a_film_in_a_store(film, tmp_path):
    whole = gather_evidence(open_streams(probe_cut(film)))
    with serve_films(film.parent) as store, ProcessCluster(tmp_path / "cluster", workers=2) as processes:
        settings = read_settings(
            {"THROUGHLINE_HOME": str(tmp_path / "home"), "THROUGHLINE_SCHEDULER": processes.address}
        )
        with open_crew(settings) as crew:
            cut = crew.probe(Path(f"{store}/{film.name}"), report=ignore_progress)
            assert_same_evidence(gather_evidence(crew.open_streams(cut), readers=crew), whole)
            processes.kill_scheduler()
            with pytest.raises(SchedulerLost):
                crew.probe(film, report=ignore_progress)
        homes = [path for path in (tmp_path / "cluster").iterdir() if path.name in ("worker-0", "worker-1")]
        assert len(homes) == 2
        assert not [path for home in homes for path in home.iterdir()]


def test_a_task_that_nobody_wants_any_more_stops_and_leaves_its_worker_to_others(cluster, tmp_path):
    cut = probe_cut(make_film(tmp_path / "long.mp4", seconds=120))
    crew, begun = make_crew(cluster), threading.Event()

    def stop(position_s):
        begun.set()
        if position_s > 0:
            raise Cancelled

    with pytest.raises(Cancelled):
        for _ in crew.measure_chunks(crew.open_streams(cut), crew.open_streams(cut).chunks, stop):
            pass
    deadline_s = time.monotonic() + PATIENCE_S
    while any(cluster._client.processing().values()):
        assert time.monotonic() < deadline_s
        time.sleep(0.05)
    while any(cluster._client.run(_list_chunks).values()):
        assert time.monotonic() < deadline_s, cluster._client.run(_list_chunks)
        time.sleep(0.05)


def _list_chunks(dask_worker):
    """The chunks that a worker has anything to do with."""
    tasks = dask_worker.state.tasks.values()
    return [f"{task.key} {task.state}" for task in tasks if task.key.startswith("measure_chunk")]


def test_an_error_of_a_task_is_raised_where_it_is_waited_for(cluster, tmp_path):
    letter = tmp_path / "letter.mp4"
    letter.write_text("Dear Sir")
    with pytest.raises(MediaError, match=r"letter\.mp4"):
        make_crew(cluster).probe(letter, report=ignore_progress)


def test_subtitles_of_this_side_go_with_a_film_that_workers_read(cluster, tmp_path, film):
    subtitles = tmp_path / "words.srt"
    subtitles.write_text("1\n00:00:00,200 --> 00:00:00,900\nHello.\n")
    crew = make_crew(cluster)
    cut = crew.probe(film, transcript=subtitles, report=ignore_progress)
    assert (cut.transcript_path, cut.streams) == (subtitles, ("frames", "audio", "transcript"))
    assert [line.text for line in crew.open_streams(cut).lines] == ["Hello."]


def test_a_worker_with_too_little_memory_is_stopped_and_that_is_said(tmp_path):
    environ = {"THROUGHLINE_HOME": str(tmp_path), "THROUGHLINE_WORKERS": "1", "THROUGHLINE_WORKER_MEMORY": "400MB"}
    cluster = Cluster.start(read_settings(environ))
    try:
        with pytest.raises(WorkLost, match="memory") as caught:
            cluster.submit(tasks.load, identify_curve_model(), needs_network=True).wait(lambda: None)
        assert "THROUGHLINE_WORKER_MEMORY" in caught.value.hint
    finally:
        cluster.close()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("THROUGHLINE_WORKERS", "0"),
        ("THROUGHLINE_DECODERS", "two"),
        ("THROUGHLINE_JOBS_PER_PERSON", "-1"),
        ("THROUGHLINE_WORKER_MEMORY", "much"),
    ],
)
def test_a_number_that_makes_no_sense_is_refused(name, value):
    with pytest.raises(SettingError, match=name):
        read_settings({name: value})


def test_workers_of_this_machine_that_were_lost_are_started_anew(tmp_path):
    cluster = Cluster.start(read_settings({"THROUGHLINE_HOME": str(tmp_path), "THROUGHLINE_WORKERS": "1"}))
    try:
        cluster._client.close()
        with pytest.raises(SchedulerLost):
            cluster.submit(tasks.describe_film, tmp_path / "film.mp4")
        assert cluster.reconnect()
        film = make_film(tmp_path / "film.mp4", seconds=1)
        size, _ = cluster.submit(tasks.describe_film, film).wait(lambda: None)
        assert size == film.stat().st_size
    finally:
        cluster.close()
