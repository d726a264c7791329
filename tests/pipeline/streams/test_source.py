"""Films that lie elsewhere: the same film, whatever it is read through, and nothing but the film."""

from pathlib import Path

import fsspec
import pytest

from benchmarks.film_store import serve_films
from pipeline.errors import FileUnreadable, FilmError
from pipeline.export.layout import describe_media
from pipeline.gather import gather_evidence
from pipeline.places import absolute_film, is_remote, name_url
from pipeline.streams import source
from pipeline.streams.probe import probe_cut
from pipeline.streams.read import ReadOptions, open_streams
from tests.films import make_tone, paint_shots, write_film
from tests.pipeline.streams.test_one_file import point_elsewhere, write_playlist
from tests.pipeline.test_gather import assert_same_evidence


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("films")
    for suffix in (".mp4", ".ts"):
        write_film(folder / f"film{suffix}", pictures=paint_shots(4, shot_s=1.4), sound=make_tone(4))
    return folder


@pytest.fixture
def memory() -> fsspec.AbstractFileSystem:
    """A store in this process, which every test finds empty."""
    system = fsspec.filesystem("memory")
    system.store.clear()
    return system


@pytest.mark.parametrize("url", ["s3://films/a b.mov", "memory://x.mp4", "file:///srv/x.mov", "webhdfs://host:1/x"])
def test_a_path_stands_for_a_url_and_leads_back_to_it(url: str) -> None:
    assert is_remote(Path(url))
    assert name_url(Path(url)) == url
    assert absolute_film(Path(url)) == Path(url)


@pytest.mark.parametrize("path", ["film.mov", "/s3:/film.mov", "C:/film.mov", "12:00/film.mov", "a/s3:/film.mov"])
def test_files_of_this_machine_are_no_urls(path: str) -> None:
    assert not is_remote(Path(path))


@pytest.mark.parametrize("suffix", [".mp4", ".ts"])
def test_a_film_measures_the_same_wherever_it_lies(
    folder: Path, memory: fsspec.AbstractFileSystem, suffix: str
) -> None:
    local = folder / f"film{suffix}"
    memory.pipe("/films/film.bin", local.read_bytes())  # Not by its name is a film known.
    here = probe_cut(local)
    whole = gather_evidence(open_streams(here))
    with serve_films(folder) as store:
        for place in ("memory://films/film.bin", f"file://{local}", f"{store}/{local.name}"):
            cut = probe_cut(Path(place))
            assert (cut.cut_id, cut.duration_s, cut.streams) == (here.cut_id, here.duration_s, here.streams)
            streams = open_streams(cut, ReadOptions(chunk_s=1))
            assert len(streams.chunks) == 4
            assert_same_evidence(gather_evidence(streams), whole)


def test_what_cannot_be_read_is_told_with_its_address(
    memory: fsspec.AbstractFileSystem, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "PAUSE_S", 0)
    memory.pipe("/empty.mp4", b"")
    memory.pipe("/text.mp4", b"Dear Sir, this is no film.")
    with serve_films(folder) as store:
        gone = f"{store}/gone.mp4"
        for url in ("memory://nothing.mp4", "memory://empty.mp4", "memory://text.mp4", "unheard://of/it.mp4", gone):
            with pytest.raises(FilmError, match=r"nothing|empty|text|unheard|gone"):
                probe_cut(Path(url))
    with pytest.raises(FileUnreadable, match="network"):
        probe_cut(Path("webhdfs://127.0.0.1:9/nobody/listens.mp4"))


def test_a_request_that_fails_is_made_again(
    folder: Path, memory: fsspec.AbstractFileSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory.pipe("/film.mp4", (folder / "film.mp4").read_bytes())
    monkeypatch.setattr(source, "PAUSE_S", 0)
    failures = iter([OSError("dropped"), TimeoutError("slow")])
    read = type(memory).cat_file

    def read_or_fail(*args: object, **kwargs: object) -> bytes:
        for failure in failures:
            raise failure
        return read(*args, **kwargs)

    monkeypatch.setattr(type(memory), "cat_file", read_or_fail)
    assert probe_cut(Path("memory://film.mp4")).duration_s == 4
    assert next(failures, None) is None


def test_a_film_elsewhere_leads_to_no_other_file(
    tmp_path: Path, memory: fsspec.AbstractFileSystem, folder: Path
) -> None:
    other = write_film(tmp_path / "other.mov", pictures=paint_shots(1, size=(64, 48)))
    for film in (point_elsewhere(tmp_path / "film.mov", other), write_playlist(tmp_path / "list.m3u8", other)):
        memory.pipe(f"/{film.name}", film.read_bytes())
        memory.pipe(f"/{other.name}", other.read_bytes())
        with pytest.raises(FilmError):
            gather_evidence(open_streams(probe_cut(Path(f"memory://{film.name}"))))


def test_a_hand_off_names_the_address(folder: Path, memory: fsspec.AbstractFileSystem) -> None:
    memory.pipe("/films/night.mp4", (folder / "film.mp4").read_bytes())
    cut = probe_cut(Path("memory://films/night.mp4"))
    assert cut.title == "night"
    assert describe_media(cut).url == "memory://films/night.mp4"


def test_a_copy_at_hand_lasts_as_long_as_it_is_needed(folder: Path, memory: fsspec.AbstractFileSystem) -> None:
    film = folder / "film.mp4"
    memory.pipe("/film.mp4", film.read_bytes())
    with source.local_copy(film) as path:
        assert path == film
    with source.local_copy(Path("memory://film.mp4")) as path:
        assert path.read_bytes() == film.read_bytes()
    assert not path.exists()
