"""However a film is divided, wherever its chunks are read, and whatever interrupts it: the measurements are the same."""

import itertools
import multiprocessing
import threading
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from pipeline.chunks import OwnThreads, read_chunk
from pipeline.drafts import Draft
from pipeline.errors import Cancelled
from pipeline.features.evidence import PartEvidence, find_broken_seams, join_evidence
from pipeline.features.measure import measure_sound
from pipeline.footage import Streams
from pipeline.gather import gather_evidence
from pipeline.streams.probe import probe_cut
from pipeline.streams.read import ReadOptions, open_streams, read_key_pictures, read_sound
from pipeline.types import Progress
from tests.films import damage_film, make_tone, paint_shots, write_film
from tests.reading import assert_same_evidence
from tests.transcoding import transcode

SECONDS = 16

X264 = ("-c:v", "libx264", "-preset", "veryfast", "-g", "24", "-bf", "3")
FORMATS = {
    "closed groups.mp4": (*X264, "-c:a", "aac"),
    "open groups.mkv": (*X264, "-x264-params", "open-gop=1:keyint=24", "-c:a", "flac"),
    "open groups.ts": (*X264, "-x264-params", "open-gop=1:keyint=24", "-c:a", "ac3"),
    "no key frames but a rolling refresh.ts": (*X264, "-x264-params", "intra-refresh=1:keyint=24", "-c:a", "aac"),
    "h265.mkv": ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error:keyint=24", "-c:a", "aac"),
    "vp9.webm": ("-c:v", "libvpx-vp9", "-g", "24", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libopus"),
    "mpeg2.mxf": ("-c:v", "mpeg2video", "-g", "12", "-bf", "2", "-c:a", "pcm_s16le"),
    "prores.mov": ("-c:v", "prores_ks", "-c:a", "pcm_s24le"),
    "mjpeg.avi": ("-c:v", "mjpeg", "-c:a", "pcm_s16le"),
    "fifty.mp4": (*X264, "-r", "50", "-c:a", "aac"),
}


class KeepInMemory:
    """Keeps parts in this process."""

    def __init__(self) -> None:
        self.parts: dict[str, PartEvidence] = {}

    def load(self, name: str) -> PartEvidence | None:
        return self.parts.get(name)

    def save(self, name: str, part: PartEvidence) -> None:
        assert name not in self.parts
        self.parts[name] = part


def divide(path: Path, count: int) -> Streams:
    cut = probe_cut(path)
    return open_streams(cut, ReadOptions(chunk_s=float(cut.duration_s) / count))


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("original")
    pictures = paint_shots(SECONDS, shot_s=1.4)
    return write_film(folder / "film.mp4", pictures=pictures, sound=make_tone(SECONDS))


@pytest.mark.parametrize("name", FORMATS)
def test_one_two_and_sixteen_chunks_measure_the_same(original: Path, tmp_path: Path, name: str) -> None:
    path = transcode(original, tmp_path / name, *FORMATS[name])
    whole = gather_evidence(divide(path, 1))
    assert whole.picture_present[: 25 * SECONDS - 2].all()
    assert (whole.norm_diff > 0.2).sum() >= SECONDS // 2
    for count in (2, 16):
        streams = divide(path, count)
        assert len(streams.chunks) >= min(count, 10)
        parts = [read_chunk(streams, chunk) for chunk in streams.chunks]
        broken = find_broken_seams(parts)
        assert not broken or "rolling" in name
        assert broken or "rolling" not in name or count == 2
        assert_same_evidence(gather_evidence(streams), whole)


def test_the_key_frames_of_a_film_of_key_frames_alone_are_not_all_decoded(original: Path, tmp_path: Path) -> None:
    streams = divide(transcode(original, tmp_path / "prores.mov", *FORMATS["prores.mov"]), 1)
    assert sum(len(batch.times_s) for batch in read_key_pictures(streams)) == SECONDS


def test_chunks_cover_the_film_without_a_gap(original: Path) -> None:
    chunks = divide(original, 16).chunks
    assert (chunks[0].start_s, chunks[0].seek_to, chunks[-1].stop_s) == (0, None, None)
    assert all(before.stop_s == behind.start_s for before, behind in itertools.pairwise(chunks))
    assert len(divide(original, 1).chunks) == 1


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".ts"])
def test_a_damaged_film_measures_the_same_in_chunks(tmp_path: Path, suffix: str) -> None:
    path = write_film(
        tmp_path / f"film{suffix}",
        pictures=paint_shots(12),
        sound=make_tone(12),
        options={"movflags": "faststart"} if suffix == ".mp4" else None,
    )
    damage_film(path, 0.45, 0.6)
    whole = gather_evidence(divide(path, 1), readers=OwnThreads(1))
    assert not whole.picture_present.all() or suffix != ".mkv"
    assert_same_evidence(gather_evidence(divide(path, 8), readers=OwnThreads(1)), whole)


def test_chunks_read_in_other_processes_join_to_the_same(original: Path) -> None:
    streams = divide(original, 4)
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        parts = list(pool.map(read_chunk, [streams] * len(streams.chunks), streams.chunks))
    assert not find_broken_seams(parts)
    sound = measure_sound(read_sound(streams), seconds=SECONDS)
    assert_same_evidence(join_evidence(parts, sound), gather_evidence(divide(original, 1)))


def test_interrupted_work_goes_on_where_it_stopped(original: Path) -> None:
    streams, keep = divide(original, 8), KeepInMemory()

    def stop_halfway(progress: Progress) -> None:
        if progress.done > 0.5:
            raise Cancelled

    with pytest.raises(Cancelled):
        gather_evidence(streams, keep=keep, report=stop_halfway)
    kept = {name: part for name, part in keep.parts.items() if name.startswith("frames-")}
    assert 3 <= len(kept) < len(streams.chunks)
    assert not [
        thread.name for thread in threading.enumerate() if thread.name.startswith(("read-ahead", "sound", "chunk"))
    ]
    shares: list[float] = []
    evidence = gather_evidence(streams, keep=keep, report=lambda progress: shares.append(progress.done))
    assert all(keep.parts[name] is part for name, part in kept.items())
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert_same_evidence(evidence, gather_evidence(divide(original, 1)))


def test_a_draft_comes_first_and_the_full_pass_takes_its_place(original: Path) -> None:
    drafts: list[Draft] = []
    shares: list[float] = []
    evidence = gather_evidence(
        divide(original, 8), publish=drafts.append, report=lambda progress: shares.append(progress.done)
    )
    assert shares == sorted(shares)
    assert drafts[0].draft.all()
    assert drafts[0].evidence.picture_present[: 25 * SECONDS - 2].all()
    np.testing.assert_array_equal(drafts[0].evidence.rms, evidence.rms)
    rest = [int(draft.draft.sum()) for draft in drafts]
    assert len(drafts) > 3
    assert rest == sorted(rest, reverse=True)
    for draft in drafts[1:]:
        full = ~np.repeat(draft.draft, 25)
        np.testing.assert_array_equal(draft.evidence.phash[full], evidence.phash[full])
    assert_same_evidence(evidence, gather_evidence(divide(original, 1)))


def test_a_film_without_a_picture_needs_no_draft(tmp_path: Path) -> None:
    path = write_film(tmp_path / "sound.wav", sound=make_tone(3), sound_codec="pcm_s16le")
    drafts: list[Draft] = []
    assert gather_evidence(divide(path, 1), publish=drafts.append).sound_present.all()
    assert not drafts


def test_sound_alone_tells_how_far_it_is_and_can_be_cancelled(tmp_path: Path) -> None:
    streams = open_streams(probe_cut(write_film(tmp_path / "talk.wav", sound=make_tone(240), sound_codec="pcm_s16le")))
    told: list[Progress] = []

    def stop(progress: Progress) -> None:
        told.append(progress)
        if progress.position_s > 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        gather_evidence(streams, report=stop)
    assert 2 < told[-1].position_s < 240
    assert told[-1].done == pytest.approx(told[-1].position_s / 240)
