"""Tests of files that claim more than a film holds: they are refused, or skipped, before memory is taken for them."""

import struct
import subprocess
import sys
import zlib
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import partial
from pathlib import Path

import av
import imageio_ffmpeg
import pytest

from pipeline.errors import MediaTooLarge
from pipeline.streams.bounds import MOST_STREAMS
from pipeline.streams.probe import probe_cut
from tests.films import paint_shots, write_film
from tests.reading import read_seconds

ROOT = Path(__file__).parents[3]
SLACK_MB = 25
"""Beyond what refusing a text file takes: what the decoders' libraries take for themselves when a film is opened."""

SCRIPT = """
import re, sys
from pathlib import Path
from pipeline.errors import FilmError
from pipeline.gather import gather_evidence
from pipeline.streams.probe import probe_cut
from pipeline.streams.read import open_streams

try:
    evidence = gather_evidence(open_streams(probe_cut(Path(sys.argv[1]))))
    outcome = f"seen {evidence.picture_present.mean():.2f}"
except FilmError as error:
    outcome = type(error).__name__
print(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1], outcome)
"""
needs_proc = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from /proc")

Write = Callable[[Path], Path]


def measure(path: Path) -> tuple[float, str]:
    """Analyse a film in a process of its own; return its peak in MB, and how it ended."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, path], cwd=ROOT, text=True, capture_output=True, check=True, timeout=120
    )
    peak_kb, outcome = done.stdout.split(maxsplit=1)
    return int(peak_kb) / 1000, outcome.strip()


def write_flat(path: Path, *, codec: str, pixels: str = "gray", size: tuple[int, int] = (12_000, 12_000)) -> Path:
    """Write a film of one huge black picture."""
    source = f"color=black:s={size[0]}x{size[1]}:r=25"
    program = imageio_ffmpeg.get_ffmpeg_exe()
    coding = ("-c:v", codec, "-preset", "ultrafast", "-pix_fmt", pixels)
    subprocess.run([program, "-v", "fatal", "-f", "lavfi", "-i", source, "-frames:v", "1", *coding, path], check=True)
    return path


def make_png(side: int) -> bytes:
    """Make a black picture of one bit a pixel, which packs a thousandfold."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = zlib.compress(bytes(1 + side // 8) * side, 9)
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def write_pngs(path: Path, *, sides: Sequence[int]) -> Path:
    """Write a film whose header says 64 x 64 whatever its pictures are, one a second."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("png", rate=1)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "monob"
        container.start_encoding()
        for index, side in enumerate(sides):
            packet = av.Packet(make_png(side))
            packet.stream, packet.time_base, packet.pts, packet.dts = stream, Fraction(1), index, index
            packet.is_keyframe, packet.duration = True, 1
            container.mux(packet)
    return path


def write_streams(path: Path, *, count: int) -> Path:
    """Write a file of very many streams of sound."""
    with av.open(str(path), "w") as container:
        streams = [container.add_stream("pcm_s16le", rate=8000) for _ in range(count)]
        container.start_encoding()
        for stream in streams:
            packet = av.Packet(bytes(16))
            packet.stream, packet.time_base, packet.pts, packet.dts = stream, Fraction(1, 8000), 0, 0
            container.mux(packet)
    return path


def write_samples(path: Path, *, count: int) -> Path:
    """Write an MP4 whose tables announce very many pictures, without listing them."""
    data = bytearray(write_film(path, pictures=paint_shots(1, size=(64, 48))).read_bytes())
    sizes, chunks, times = (data.index(kind) for kind in (b"stsz", b"stsc", b"stts"))
    data[sizes + 8 : sizes + 16] = struct.pack(">II", 1, count)
    data[chunks + 16 : chunks + 20] = data[times + 12 : times + 16] = struct.pack(">I", count)
    path.write_bytes(bytes(data))
    return path


def make_box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", 8 + len(body)) + kind + body


def pack_header(header: bytes, claimed: int) -> bytes:
    """Make the box in which QuickTime keeps its header packed."""
    packed = make_box(b"cmvd", struct.pack(">I", claimed) + zlib.compress(header, 9))
    return make_box(b"moov", make_box(b"cmov", make_box(b"dcom", b"zlib") + packed))


def write_packed(path: Path, *, header: bytes) -> Path:
    path.write_bytes(make_box(b"ftyp", b"qt  \0\0\0\0qt  ") + pack_header(header, len(header)) + make_box(b"mdat", b""))
    return path


BOMBS: dict[str, tuple[str, Write]] = {
    "MJPEG in MKV": (".mkv", partial(write_flat, codec="mjpeg", pixels="yuvj420p")),
    "MJPEG in AVI": (".avi", partial(write_flat, codec="mjpeg", pixels="yuvj420p")),
    "H.264 in MP4": (".mp4", partial(write_flat, codec="libx264")),
    "H.264 in TS": (".ts", partial(write_flat, codec="libx264")),
    "H.264 in FLV": (".flv", partial(write_flat, codec="libx264")),
    "streams in MOV": (".mov", partial(write_streams, count=900)),
    "streams in MKV": (".mkv", partial(write_streams, count=900)),
    "samples in MP4": (".mp4", partial(write_samples, count=80_000_000)),
    "packed header in MOV": (".mov", partial(write_packed, header=bytes(1 << 29))),
}


@pytest.fixture(scope="module")
def refusal_mb(tmp_path_factory: pytest.TempPathFactory) -> float:
    """The peak of a process that refuses a text file."""
    path = tmp_path_factory.mktemp("text") / "film.mp4"
    path.write_text("INT. HOUSE - NIGHT\n" * 500)
    peak_mb, outcome = measure(path)
    assert outcome == "NotMedia"
    return peak_mb


@needs_proc
@pytest.mark.parametrize("name", BOMBS)
def test_what_claims_too_much_is_refused_in_little_memory(tmp_path: Path, refusal_mb: float, name: str) -> None:
    suffix, write = BOMBS[name]
    path = write(tmp_path / f"bomb{suffix}")
    assert path.stat().st_size < 4_000_000
    peak_mb, outcome = measure(path)
    assert outcome == "MediaTooLarge"
    assert peak_mb - refusal_mb < SLACK_MB


@needs_proc
def test_a_header_that_says_less_than_the_pictures_hold_fools_no_decoder(tmp_path: Path, refusal_mb: float) -> None:
    peak_mb, outcome = measure(write_pngs(tmp_path / "bomb.mov", sides=[15_000] * 3))
    assert outcome == "MediaDamaged"
    assert peak_mb - refusal_mb < SLACK_MB


@needs_proc
def test_one_huge_picture_in_the_middle_is_lost_and_the_rest_is_measured(tmp_path: Path, refusal_mb: float) -> None:
    peak_mb, outcome = measure(write_pngs(tmp_path / "bomb.mov", sides=[64, 64, 15_000, 64, 64]))
    assert outcome == "seen 0.80"
    assert peak_mb - refusal_mb < SLACK_MB


def test_the_message_says_what_is_too_large_and_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(MediaTooLarge, match="12000 x 12000") as caught:
        probe_cut(write_flat(tmp_path / "film.avi", codec="mjpeg", pixels="yuvj420p"))
    assert "100 million" in caught.value.hint
    with pytest.raises(MediaTooLarge, match=f"more than {MOST_STREAMS} streams"):
        probe_cut(write_streams(tmp_path / "streams.mkv", count=MOST_STREAMS + 1))


def test_many_streams_are_no_reason_to_refuse_a_film(tmp_path: Path) -> None:
    assert probe_cut(write_streams(tmp_path / "film.mkv", count=100)).streams == ("audio",)
    assert probe_cut(write_streams(tmp_path / "film.mov", count=100)).streams == ("audio",)


@pytest.mark.parametrize("size", [(8192, 4320), (12_288, 6480)])
def test_pictures_of_8k_and_12k_are_within_the_bounds(tmp_path: Path, size: tuple[int, int]) -> None:
    path = write_flat(tmp_path / "film.avi", codec="mjpeg", pixels="yuvj420p", size=size)
    cut = probe_cut(path)
    assert (cut.width, cut.height) == size
    (second,) = read_seconds(path)
    assert second.pictures is not None
    assert second.pictures.max() <= 2


def test_a_packed_header_of_decent_size_is_read(tmp_path: Path) -> None:
    path = write_film(tmp_path / "film.mov", pictures=paint_shots(1, size=(64, 48)))
    data = path.read_bytes()
    start = data.index(b"moov") - 4
    header = data[start:]
    path.write_bytes(data[:start] + pack_header(header, len(header)))
    cut = probe_cut(path)
    assert (cut.width, cut.duration_s) == (64, 1)


@pytest.mark.parametrize("kind", [b"trun", b"stsz"])
def test_samples_announced_inside_a_packed_header_are_counted(tmp_path: Path, kind: bytes) -> None:
    claim = make_box(kind, struct.pack(">IIII", 0, 2**30, 2**30, 0))
    for path in (
        write_packed(tmp_path / "packed.mov", header=make_box(b"moov", claim)),
        write_packed(tmp_path / "twice.mov", header=pack_header(make_box(b"moov", claim), 200)),
    ):
        with pytest.raises(MediaTooLarge, match="claims"):
            probe_cut(path)
