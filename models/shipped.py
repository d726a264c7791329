"""The weights that ship with the program: where they lie, and which ones they are. Needs no Keras."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

CURVE_WEIGHTS = Path(__file__).parent / "weights" / "curve_net.keras"
LIVE_WEIGHTS = Path(__file__).parent / "weights" / "live_net.keras"
TEXT_WEIGHTS = Path(__file__).parent / "weights" / "text_net.keras"
SHOT_WEIGHTS = Path(__file__).parent / "weights" / "shot_net.keras"

OWN_CURVES = "own_curves"
"""What weights are called that were fitted to a studio's own ratings, in a file's name and in an analysis's provenance."""
CURVE_FIGURES = CURVE_WEIGHTS.with_suffix(".json")


@dataclass(frozen=True, kw_only=True)
class CurveFigures:
    """How well curves follow people's ratings, as Pearson's r.

    Attributes:
        model_id: the weights they are of.
        held_out: by curve, on parts of the training film that were kept from it.
        raters: by curve, how well another audience follows the same ratings; only where that is known.
    """

    model_id: str
    held_out: dict[str, float]
    raters: dict[str, float]


def read_curve_figures() -> CurveFigures:
    """Read the figures of the curve weights that ship."""
    return CurveFigures(**json.loads(CURVE_FIGURES.read_text(encoding="utf-8")))


def identify_curve_model(path: Path = CURVE_WEIGHTS) -> str:
    """Name the curve model in a .keras file: `curve_net-` and the first 8 hex digits of the file's SHA-256.

    One that looks back only, or follows a studio's own ratings, is called as its file is instead.
    """
    name = next((name for name in (OWN_CURVES, LIVE_WEIGHTS.stem) if path.name.startswith(name)), CURVE_WEIGHTS.stem)
    return f"{name}-{_digest(path)[:8]}"


def identify_text_model(path: Path = TEXT_WEIGHTS) -> str:
    """Name the text model in a .keras file: `text_net-` and the first 12 hex digits of the file's SHA-256."""
    return f"text_net-{_digest(path)[:12]}"


def identify_shot_model(path: Path = SHOT_WEIGHTS) -> str:
    """Name the shot model in a .keras file: `shot_net-` and the first 8 hex digits of the file's SHA-256."""
    return f"shot_net-{_digest(path)[:8]}"


def _digest(path: Path) -> str:
    """The SHA-256 of a file of a few megabytes, in hex."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
