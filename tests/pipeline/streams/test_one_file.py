"""Tests that a film is read and nothing but the film, and that it stays as it is."""

import ctypes
import os
import struct
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import av
import numpy as np
import pytest

from pipeline.errors import FilmError
from pipeline.streams.probe import probe_cut
from tests.films import make_tone, paint_shots, write_film
from tests.reading import measure as measure_evidence

OPENED, WRITTEN = 0x20, 0x2 | 0x4 | 0x8 | 0x40 | 0x80 | 0x100 | 0x200
"""Inotify's events: opened; and modified, attributes changed, closed after writing, moved, created, deleted."""

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="what is opened is seen by Linux's inotify")


@contextmanager
def watch_folder(folder: Path) -> Iterator[dict[int, set[str]]]:
    """Note which files of a folder are opened and which are changed, by whatever library."""
    libc = ctypes.CDLL(None, use_errno=True)
    watch = libc.inotify_init1(os.O_NONBLOCK)
    assert libc.inotify_add_watch(watch, os.fsencode(folder), OPENED | WRITTEN) >= 0
    seen: dict[int, set[str]] = {OPENED: set(), WRITTEN: set()}
    try:
        yield seen
        data = os.read(watch, 1 << 20)
    except BlockingIOError:
        data = b""
    finally:
        os.close(watch)
    at = 0
    while at < len(data):
        _, events, _, length = struct.unpack_from("iIII", data, at)
        name = data[at + 16 : at + 16 + length].rstrip(b"\0").decode()
        for kind in seen:
            if events & kind and name:
                seen[kind].add(name)
        at += 16 + length


def measure(path: Path) -> bool:
    """Analyse a film; say whether any picture was seen."""
    try:
        return bool(measure_evidence(path).picture_present.any())
    except FilmError:
        return False


def point_elsewhere(path: Path, other: Path) -> Path:
    """Write a QuickTime film whose media lie in another file of its folder, as an editor's reference movie says it."""
    data = bytearray(other.read_bytes())
    media, table = data.index(b"mdat") + 4, data.index(b"dref")
    data[media : data.index(b"moov") - 4] = bytes(data.index(b"moov") - 4 - media)
    name = other.name.encode()
    record = bytes(10) + b"\3vol".ljust(28, b"\0") + bytes(12) + (bytes([len(name)]) + name).ljust(64, b"\0")
    target = b"vol:folder:" + name
    target += bytes(len(target) % 2)
    record += bytes(16) + struct.pack(">HH", 1, 1) + bytes(16) + struct.pack(">HH", 2, len(target)) + target
    record += struct.pack(">HH", 0xFFFF, 0) + bytes(32)
    entry = struct.pack(">I", 12 + len(record)) + b"alis" + bytes(4) + record
    old_length = int.from_bytes(data[table + 12 : table + 16])
    for kind in (b"moov", b"trak", b"mdia", b"minf", b"dinf", b"dref"):
        at = data.rindex(kind, 0, table + 4) - 4
        data[at : at + 4] = (int.from_bytes(data[at : at + 4]) + len(entry) - old_length).to_bytes(4)
    data[table + 12 : table + 12 + old_length] = entry
    path.write_bytes(bytes(data))
    return path


def link_segments(path: Path, other: Path) -> Path:
    """Write a Matroska film that names another file of its folder as its next segment."""
    data = write_film(path, pictures=paint_shots(1, size=(64, 48))).read_bytes()
    at = data.index(b"\x4d\x80")  # the name of the writing library makes room
    room = (data[at + 2] & 0x7F) - 1
    path.write_bytes(
        data[:at]
        + b"\x3e\x83\xbb"
        + bytes([0x80 | room])
        + other.name.encode().ljust(room, b"\0")
        + data[at + room + 4 :]
    )
    return path


def test_media_in_another_file_are_left_alone(tmp_path: Path) -> None:
    other = write_film(tmp_path / "other.mov", pictures=paint_shots(1, size=(64, 48)))
    film = point_elsewhere(tmp_path / "film.mov", other)
    with av.open(str(film), container_options={"enable_drefs": "1"}) as container:
        assert any(True for _ in container.decode(video=0))  # A reader that follows the reference finds the pictures.
    with watch_folder(tmp_path) as seen:
        assert not measure(film)
    assert seen == {OPENED: {"film.mov"}, WRITTEN: set()}


def test_a_linked_segment_is_left_alone(tmp_path: Path) -> None:
    other = write_film(tmp_path / "other.mkv", pictures=paint_shots(1, size=(64, 48)))
    film = link_segments(tmp_path / "film.mkv", other)
    with watch_folder(tmp_path) as seen:
        assert measure(film)
    assert seen == {OPENED: {"film.mkv"}, WRITTEN: set()}
    assert probe_cut(film).duration_s == 1


def write_playlist(path: Path, other: Path) -> Path:
    path.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{other}\n#EXT-X-ENDLIST\n")
    return path


def write_smil(path: Path, other: Path) -> Path:
    path.write_text(f'<?xml version="1.0"?><smil><body><video src="{other}"/></body></smil>')
    return path


def write_mpd(path: Path, other: Path) -> Path:
    path.write_text(
        '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period><AdaptationSet>'
        f'<Representation id="0"><BaseURL>{other}</BaseURL></Representation></AdaptationSet></Period></MPD>'
    )
    return path


@pytest.mark.parametrize("write", [write_playlist, write_smil, write_mpd])
@pytest.mark.parametrize("suffix", [".mp4", ".m3u8", ".mpd"])
def test_a_list_of_films_leads_to_none_of_them(
    tmp_path: Path, write: Callable[[Path, Path], Path], suffix: str
) -> None:
    other = write_film(tmp_path / "other.ts", pictures=paint_shots(1, size=(64, 48)))
    path = write(tmp_path / f"list{suffix}", other)
    with watch_folder(tmp_path) as seen:
        assert not measure(path)
    assert seen == {OPENED: {path.name}, WRITTEN: set()}


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".mov", ".ts", ".mxf", ".avi"])
def test_a_film_is_only_read_and_stays_as_it_is(tmp_path: Path, suffix: str) -> None:
    codecs = {"picture_codec": "mpeg2video", "sound_codec": "pcm_s16le"} if suffix == ".mxf" else {}
    pictures, sound = paint_shots(2, size=(64, 48)), make_tone(2)
    film = write_film(tmp_path / f"film{suffix}", pictures=pictures, sound=sound, **codecs)
    os.utime(film, ns=(1, 1_234_567_890_123_456_789))
    film.chmod(0o400)
    before, status = film.read_bytes(), film.stat()
    with watch_folder(tmp_path) as seen:
        assert measure(film)
    assert seen == {OPENED: {film.name}, WRITTEN: set()}
    assert film.read_bytes() == before
    assert (film.stat().st_mtime_ns, film.stat().st_mode) == (status.st_mtime_ns, status.st_mode)


def test_the_watch_sees_what_is_opened_and_what_is_written(tmp_path: Path) -> None:
    film = write_film(tmp_path / "film.mp4", pictures=np.zeros((3, 48, 64, 3), np.uint8))
    with watch_folder(tmp_path) as seen:
        with av.open(str(film)) as container:
            assert container.duration
        (tmp_path / "new.txt").write_text("new")
    assert seen == {OPENED: {"film.mp4", "new.txt"}, WRITTEN: {"new.txt"}}
