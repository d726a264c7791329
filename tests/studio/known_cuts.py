"""Cuts that are in the library and known again, without a film."""

from dataclasses import replace

from studio.fingerprints import write_fingerprint
from tests.analyses import make_analysis
from tests.fingerprints import Material, make_cut


def save_known_cut(library, settings, rows, seed):
    """Put a cut into the library: its fingerprint is drawn, and so is its analysis."""
    known = make_cut(Material(80), rows, seed=seed)
    analysis = make_analysis(known.cut.duration_s, seed=seed)
    analysis = replace(analysis, cut=replace(known.cut, cut_id=analysis.cut.cut_id, title=f"Cut {seed}"))
    library.save_analysis(analysis)
    write_fingerprint(known.fingerprint, settings.home / "fingerprints" / f"{analysis.cut.cut_id}.npz")
    return analysis
