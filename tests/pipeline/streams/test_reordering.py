"""H.264 that does not say how far its pictures are out of order: its chunks must not learn it each for itself."""

from pathlib import Path

from tests.films import paint_shots, write_film
from tests.reading import assert_same_evidence, measure
from tests.transcoding import transcode

GROUP, GROUPS = 50, 8


class Bits:
    """Reads the bits of a sequence parameter set, as ITU-T H.264 section 7.3.2.1.1 lays them out."""

    def __init__(self, data: bytes) -> None:
        self.text = "".join(f"{byte:08b}" for byte in data)
        self.at = 0

    def fixed(self, count: int) -> int:
        self.at += count
        return int(self.text[self.at - count : self.at], 2)

    def golomb(self) -> int:
        zeros = self.text.index("1", self.at) - self.at
        self.at += zeros
        return self.fixed(zeros + 1) - 1


def strip_usability(parameters: bytes) -> bytes:
    """Leave out of a parameter set of x264 (High profile) its usability information, which states the reordering."""
    plain = parameters.replace(b"\0\0\3", b"\0\0")
    bits = Bits(plain)
    bits.fixed(32)  # unit type, profile, constraints, level
    bits.golomb()
    assert bits.golomb() == 1  # 4:2:0
    bits.golomb(), bits.golomb(), bits.fixed(2), bits.golomb()
    assert bits.golomb() == 0  # order counts of type 0
    bits.golomb(), bits.golomb(), bits.fixed(1), bits.golomb(), bits.golomb()
    assert bits.fixed(1) == 1  # frames, not fields
    bits.fixed(1)
    if bits.fixed(1):  # cropping
        for _ in range(4):
            bits.golomb()
    text = bits.text[: bits.at] + "01"
    text += "0" * (-len(text) % 8)
    stripped = bytes(int(text[at : at + 8], 2) for at in range(0, len(text), 8))
    assert b"\0\0\0" not in stripped
    return stripped + bytes(len(parameters) - len(stripped))


def write_silent_about_order(folder: Path) -> Path:
    """Write a transport stream whose groups begin with P-frames, and have B-frames that refer to one another later on."""
    master = write_film(folder / "master.mkv", pictures=paint_shots(GROUP * GROUPS / 25, shot_s=1.4))
    kinds = [
        "I" if i % GROUP == 0 else "P" if i < 150 or i % GROUP == GROUP - 1 else "bBbP"[(i % GROUP - 1) % 4]
        for i in range(GROUP * GROUPS)
    ]
    plan = folder / "kinds.txt"
    plan.write_text("".join(f"{i} {kind} -1\n" for i, kind in enumerate(kinds)))
    options = f"qpfile={plan}:bframes=3:b-pyramid=normal:keyint={GROUP}:min-keyint={GROUP}:scenecut=0:ref=4:b-adapt=0"
    said = transcode(
        master, folder / "said.mp4", "-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p",
        "-x264-params", options,
    )  # fmt: skip
    data = said.read_bytes()
    start = data.index(b"avcC") + 12
    end = start + int.from_bytes(data[start - 2 : start])
    silent = folder / "silent.mp4"
    silent.write_bytes(data[:start] + strip_usability(data[start:end]) + data[end:])
    return transcode(silent, folder / "silent.ts", "-c", "copy")


def test_pictures_out_of_an_order_that_is_not_told_are_the_same_in_chunks(tmp_path: Path) -> None:
    film = write_silent_about_order(tmp_path)
    whole, parts = measure(film), measure(film, chunks=GROUPS)
    assert_same_evidence(parts, whole)
