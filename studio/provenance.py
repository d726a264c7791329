"""What makes an analysis today, and which analyses something older has made."""

import functools
from collections.abc import Mapping, Sequence
from pathlib import Path

from models.shipped import identify_curve_model, identify_shot_model, identify_text_model
from pipeline.errors import ModelError
from pipeline.features.extract import name_extractors
from pipeline.removal import VERSION as EFFECTS_VERSION
from studio.entries import CutEntry


@functools.cache
def name_makers(curves: Path) -> Mapping[str, str]:
    """Name the models and measurements that this version analyses with, once a process, as it loads them once.

    Args:
        curves: the weights of the curves that the settings choose.

    Returns:
        What an analysis's provenance says if it was made today; it may say more.

    Raises:
        ModelError: the models are not there.
    """
    try:
        text_id = identify_text_model()
        return {
            "curves": identify_curve_model(curves),
            "text": text_id,
            "shots": identify_shot_model(),
            "effects": EFFECTS_VERSION,
            **name_extractors(text_id),
        }
    except OSError as error:
        raise refuse_models(error) from error


def is_old(provenance: Mapping[str, str], curves: Path) -> bool:
    """Whether an analysis was made by other models or measurements than today's.

    Args:
        provenance: the analysis's.
        curves: as in `name_makers`.

    Raises:
        ModelError: as `name_makers`.
    """
    return any(provenance.get(name) != maker for name, maker in name_makers(curves).items())


def list_old(cuts: Sequence[CutEntry], curves: Path) -> list[CutEntry]:
    """Return the cuts that want analysing again: something older made their analyses, or these were lost.

    Where the models are not there, nothing could be analysed again, and only what was lost is returned.

    Args:
        cuts: of the library.
        curves: as in `name_makers`.
    """
    try:
        name_makers(curves)
    except ModelError:
        return [cut for cut in cuts if not cut.analysed]
    return [cut for cut in cuts if not cut.analysed or is_old(cut.provenance, curves)]


def refuse_models(error: Exception) -> ModelError:
    """Say that the shipped models cannot be used."""
    reason = str(error).partition("\n")[0].rstrip(".")  # Keras may add whole configurations.
    return ModelError(
        f"The models cannot be loaded: {reason}.", "Install the program again, or train them with `train`."
    )
