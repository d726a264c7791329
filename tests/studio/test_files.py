"""Files that are there whole or not at all."""

import os
from contextlib import suppress
from pathlib import Path

from studio.files import written_whole


def test_a_file_is_on_the_disk_before_it_has_its_name(tmp_path, monkeypatch):
    synced = []
    sync = os.fsync

    def watch(handle):
        synced.append((Path(f"/proc/self/fd/{handle}").readlink(), sorted(path.name for path in tmp_path.iterdir())))
        sync(handle)

    monkeypatch.setattr(os, "fsync", watch)
    with written_whole(tmp_path / "a.mp4") as unfinished:
        unfinished.write_bytes(b"film")
    assert synced == [(unfinished, [unfinished.name]), (tmp_path, ["a.mp4"])]


def test_what_breaks_off_leaves_the_older_file(tmp_path):
    (tmp_path / "a.mp4").write_bytes(b"old")
    with suppress(RuntimeError), written_whole(tmp_path / "a.mp4") as unfinished:
        unfinished.write_bytes(b"ne")
        raise RuntimeError
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"old"]
