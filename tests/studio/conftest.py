"""A home that is thrown away, and the library in it, on SQLite or on a PostgreSQL server of the tests' own."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from studio.cli import main
from studio.cluster import Cluster
from studio.jobs import Jobs
from studio.settings import Settings, read_settings
from studio.store import Library, open_library
from tests.studio.postgres import find_program, make_database, run_server


@pytest.fixture
def settings(tmp_path) -> Settings:
    return read_settings({"THROUGHLINE_HOME": str(tmp_path / "home")})


@pytest.fixture
def library(settings) -> Library:
    library = open_library(settings)
    yield library
    library.close()


@pytest.fixture(scope="session")
def cluster(tmp_path_factory):
    """Two workers, whom no library belongs to: all tests may share them."""
    home = tmp_path_factory.mktemp("workers")
    cluster = Cluster.start(read_settings({"THROUGHLINE_HOME": str(home), "THROUGHLINE_WORKERS": "2"}))
    yield cluster
    cluster.close()


@pytest.fixture
def jobs(settings, cluster) -> Jobs:
    """The queue of an empty home at work."""
    jobs = Jobs.start(settings, cluster=cluster)
    yield jobs
    jobs.close()


@pytest.fixture(scope="session")
def server() -> Path:
    """The folder of the socket of a running PostgreSQL server; skips loudly where none is installed."""
    if find_program("initdb") is None or find_program("postgres") is None:
        pytest.skip("NO TEST WAS RUN ON POSTGRESQL: it is not installed (on Debian: apt-get install postgresql)")
    with run_server() as folder:
        yield folder


@pytest.fixture(params=["sqlite", "postgresql"])
def either(request, tmp_path) -> Settings:
    """The settings of an empty home, on each of the databases in turn."""
    environ = {"THROUGHLINE_HOME": str(tmp_path / "home"), "THROUGHLINE_PERSON": "Ada"}
    if request.param == "postgresql":
        environ["THROUGHLINE_DATABASE"] = make_database(request.getfixturevalue("server"))
    return read_settings(environ)


@pytest.fixture
def run(settings, tmp_path, monkeypatch, capsys):
    """Run the command line inside the test's own process, on the home of `settings`."""
    monkeypatch.setenv("THROUGHLINE_HOME", str(settings.home))
    monkeypatch.chdir(tmp_path)

    def run_studio(*words: object) -> SimpleNamespace:
        try:
            code = main([str(word) for word in words])
        except SystemExit as end:  # What argparse does with words that make no command.
            code = end.code
        said = capsys.readouterr()
        return SimpleNamespace(returncode=code, stdout=said.out, stderr=said.err)

    return run_studio
