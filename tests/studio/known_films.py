"""Films that a library knows already: their jobs ask no networks."""

from dataclasses import replace
from pathlib import Path

from models.shipped import CURVE_WEIGHTS
from pipeline.streams.playback import judge_playback
from pipeline.streams.probe import probe_cut
from pipeline.types import Cut
from studio.provenance import name_makers
from studio.store import Library
from tests.analyses import make_analysis


def know_film(library: Library, film: Path, title: str) -> Cut:
    """Save an analysis of a film, made by what ships, of which nothing was measured; return its cut."""
    cut = probe_cut(film, title=title)
    analysis = make_analysis(float(cut.duration_s), cut_id=cut.cut_id, title=title, path=film)
    library.save_analysis(replace(analysis, cut=cut, provenance=name_makers(CURVE_WEIGHTS)))
    library.find_proxy(cut.cut_id).note_playback(judge_playback(film))
    return cut
