"""Readers of hand-offs that know nothing of how they are written: OpenTimelineIO's, lxml, and a few lines each.

Each gives the clips in playing order as frames: in and out in the cut counted from midnight, and on the timeline.
"""

import csv
import io
import re
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import opentimelineio as otio
from lxml import etree

from pipeline.export.timeline import Timeline

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Read:
    """One clip as it was read; ends are exclusive."""

    source_in: int
    source_out: int
    record_in: int
    record_out: int


def list_truth(timeline: Timeline) -> list[Read]:
    """What has to be read, source counted from midnight and record from the timeline's first frame."""
    start = count_label(timeline.find_source_start(), timeline.rate)
    return [
        Read(start + event.source_in, start + event.source_out, event.record_in, event.record_out)
        for event in timeline.events
    ]


def count_label(label: str, rate: Fraction) -> int:
    """Count the frames to a label the slow way: through all minutes, leaving out what drop-frame leaves out."""
    hours, minutes, seconds, frames = map(int, re.split("[:;]", label))
    nominal = round(rate)
    dropped = nominal // 15 if ";" in label else 0
    count = 0
    for minute in range(60 * hours + minutes):
        count += 60 * nominal - (dropped if minute % 10 else 0)
    within = seconds * nominal + frames
    if dropped and (60 * hours + minutes) % 10:
        assert within >= dropped, f"{label} is left out"
        within -= dropped
    return count + within


def read_edl(text: str, rate: Fraction) -> otio.schema.Timeline:
    return otio.adapters.read_from_string(text, "cmx_3600", rate=float(rate))


def read_xmeml(text: str) -> otio.schema.Timeline:
    return otio.adapters.read_from_string(text, "fcp_xml")


def read_otio(text: str) -> otio.schema.Timeline:
    return otio.adapters.read_from_string(text, "otio_json")


def list_tracks(timeline: otio.schema.Timeline) -> list[list[Read]]:
    """The clips of every track. Tracks live no longer than their timeline, which is held here."""
    return [list_clips(track) for track in timeline.tracks]


def list_clips(track: otio.schema.Track) -> list[Read]:
    """The clips of a track of OpenTimelineIO; it may begin with a gap, and a number that is no whole one is a fault."""
    reads = []
    for clip in track.find_clips():
        source, record = clip.source_range, clip.range_in_parent()
        edges = (source.start_time, source.end_time_exclusive(), record.start_time, record.end_time_exclusive())
        assert all(edge.value == int(edge.value) for edge in edges)
        reads.append(Read(*(int(edge.value) for edge in edges)))
    return reads


def read_edl_lines(text: str) -> list[tuple[str, str, str, list[str]]]:
    """Number, reel, channels and the four labels of every event."""
    events = [line.split() for line in text.splitlines() if re.match(r"[0-9]{3} ", line)]
    return [(fields[0], fields[1], fields[2], fields[-4:]) for fields in events]


def check_fcpxml(text: str) -> etree._Element:
    """Parse FCPXML, and hold it against the document type of the part of it that we write."""
    return _check(text, "fcpxml_part.dtd")


def check_xmeml(text: str) -> etree._Element:
    """Parse xmeml, and hold it against the document type of the part of it that we write."""
    return _check(text, "xmeml_part.dtd")


def _check(text: str, dtd_name: str) -> etree._Element:
    root = etree.fromstring(text.encode("utf-8"))
    dtd = etree.DTD(str(HERE / dtd_name))
    assert dtd.validate(root), dtd.error_log
    return root


def read_time(text: str) -> Fraction:
    """A time of FCPXML, in seconds."""
    match = re.fullmatch(r"([0-9]+)(?:/([0-9]+))?s", text)
    assert match, text
    assert int(match[1]) < 2**63
    assert int(match[2] or 1) < 2**31
    return Fraction(int(match[1]), int(match[2] or 1))


def list_fcpxml_clips(root: etree._Element) -> list[Read]:
    """The clips of a sequence, in frames of its format; a time that is between two frames is a fault."""
    frame_s = read_time(root.find("resources/format").get("frameDuration"))
    sequence = root.find(".//sequence")
    start = read_time(sequence.get("tcStart"))
    reads = []
    for clip in sequence.find("spine"):
        source, record = read_time(clip.get("start")), read_time(clip.get("offset")) - start
        length = read_time(clip.get("duration"))
        edges = [instant / frame_s for instant in (source, source + length, record, record + length)]
        assert all(edge.denominator == 1 for edge in edges)
        reads.append(Read(*(edge.numerator for edge in edges)))
    return reads


@dataclass(frozen=True)
class Mark:
    """A marker: first frame counted from midnight, length, name, note."""

    first: int
    frames: int
    name: str
    note: str


def read_resolve_markers(text: str, rate: Fraction) -> list[Mark]:
    title, counting, blank, *rest = text.splitlines()
    assert title.startswith("TITLE: ")
    assert not blank
    marks: list[Mark] = []
    for event, comment, gap in zip(rest[::3], rest[1::3], rest[2::3], strict=True):
        assert not gap
        number, reel, track, cut, first, end, *record = event.split()
        assert (number, reel, track, cut) == (f"{len(marks) + 1:03d}", "001", "V", "C")
        assert record == [first, end]
        assert (";" in first) == (counting == "FCM: DROP FRAME")
        assert count_label(end, rate) - count_label(first, rate) == 1
        match = re.fullmatch(r"(.*) \|C:ResolveColor([A-Z][a-z]+) \|M:(.*) \|D:([0-9]+)", comment)
        assert match, comment
        marks.append(Mark(count_label(first, rate), int(match[4]), match[3], match[1]))
    return marks


def read_premiere_markers(text: str, rate: Fraction) -> list[Mark]:
    marks = []
    for row in csv.DictReader(io.StringIO(text), delimiter="\t", quoting=csv.QUOTE_NONE):
        labels = [row[name] for name in ("In", "Out", "Duration")]
        drop = ";" in labels[0]
        assert all(re.fullmatch(r"..;..;..;.." if drop else r"..:..:..:..", label) for label in labels)
        first, end, length = (count_label(label, rate) for label in labels)
        assert row["Marker Type"] == "Comment"
        assert end - first == length
        marks.append(Mark(first, length, row["Marker Name"], row["Description"]))
    return marks
