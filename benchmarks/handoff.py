"""What OpenTimelineIO's adapters make of our timelines, beside our own text: `python -m benchmarks.handoff`.

Each row is one rate. "frames" counts the ends of clips behind the third hour that another reader does not find on their
frame; the rest is what the text says of the cut's and the timeline's start, and of what an editor links the film by.
otio-fcpx-xml-adapter is no dependency; its column is empty where it is not installed.
"""

import importlib
from fractions import Fraction

import opentimelineio as otio
from lxml import etree

from pipeline.export.formats import FORMATS
from pipeline.export.timeline import Timeline
from tests.pipeline.export import readers
from tests.pipeline.export.timelines import RATES, make_long_timeline


def main() -> None:
    """Print the tables."""
    print(
        "| rate | EDL: frames | FCM | record start | source counts | xmeml: frames | starts | size, reel, links | FCPXML |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for name, (_, start) in RATES.items():
        timeline = make_long_timeline(name)
        written = readers.read_otio(FORMATS["otio"].render(timeline))
        cells = [*describe_edl(written, timeline), *describe_xmeml(written, timeline), describe_fcpxml(written)]
        print(f"| {name}, from {start} | {' | '.join(cells)} |")


def describe_edl(written: otio.schema.Timeline, timeline: Timeline) -> list[str]:
    """What the EDL adapter writes."""
    picture = written.deepcopy()
    del picture.tracks[1]  # It writes one track.
    text = otio.adapters.write_to_string(picture, "cmx_3600")
    labels = [labels for _, _, _, labels in readers.read_edl_lines(text)]
    wrong = 0
    for (first, end, *_), read in zip(labels, readers.list_truth(timeline), strict=True):
        wrong += (count(first, timeline.rate), count(end, timeline.rate)) != (read.source_in, read.source_out)
    counting = "drop" if ";" in labels[0][0] else "non-drop"
    return [str(wrong), "yes" if "FCM" in text else "none", labels[0][2], counting]


def describe_xmeml(written: otio.schema.Timeline, timeline: Timeline) -> list[str]:
    """What the FCP7 adapter writes."""
    text = otio.adapters.write_to_string(written, "fcp_xml")
    root, truth = etree.fromstring(text.encode()), readers.list_truth(timeline)
    tracks = readers.list_tracks(readers.read_xmeml(text))
    wrong = sum(read != true for track in tracks for read, true in zip(track, truth, strict=True))
    starts = sorted({timecode.findtext("string") for timecode in root.iter("timecode")})
    there = [tag for tag in ("width", "reel", "link") if root.find(f".//{tag}") is not None]
    return [str(wrong), ", ".join(starts), ", ".join(there) or "none"]


def describe_fcpxml(written: otio.schema.Timeline) -> str:
    """Whether the FCPXML adapter writes anything."""
    try:
        adapter = importlib.import_module("otio_fcpx_xml_adapter.fcpx_xml")
    except ImportError:
        return ""
    try:
        adapter.write_to_string(written)
    except Exception as error:
        return type(error).__name__
    return "written"


def count(label: str, rate: Fraction) -> int:
    """The frame of a label; -1 for one that drop-frame leaves out."""
    try:
        return readers.count_label(label, rate)
    except AssertionError:
        return -1


if __name__ == "__main__":
    main()
