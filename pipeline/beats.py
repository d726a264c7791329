"""The beats of a piece of music, for cutting on them."""

import os
import tempfile
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soxr
from filelock import FileLock

from pipeline.errors import NothingToAnalyse
from pipeline.streams.excerpt import read_stretch
from pipeline.streams.probe import probe_cut
from pipeline.types import SOUND_HZ, Floats

HOP = 256
"""Samples between looks, at `HZ`: 12 ms, a third of a frame of 24 a second."""

HZ = 22_050

LOCK = Path(tempfile.gettempdir()) / f"throughline-librosa-{os.getuid()}.lock"
"""Held by the one process of this user that uses librosa: Numba keeps what it compiles once for each user."""

WEAK = 0.1
"""A beat at either end whose onset has less than this share of the median's strength is none."""


def find_beats(path: Path) -> tuple[float, ...]:
    """Find the beats of a temp track.

    Source: Ellis, "Beat Tracking by Dynamic Programming" (2007), as librosa has it; each beat is then moved to the
    steepest onset within 60 ms.

    Args:
        path: a file of sound, or a film.

    Returns:
        Their instants, seconds, ascending; none where there is no beat.

    Raises:
        NothingToAnalyse: there is no sound in it.
        FileUnreadable, NotMedia, MediaDamaged: it cannot be read.
    """
    cut = probe_cut(path)
    if "audio" not in cut.streams:
        raise NothingToAnalyse(f"{path.name!r} holds no sound.", "Choose a piece of music.")
    stereo = read_stretch(cut, start_s=cut.duration_s * 0, end_s=cut.duration_s)
    wave = soxr.resample(stereo.mean(axis=1), SOUND_HZ, HZ)
    if np.abs(wave).max(initial=0) < 1e-5:
        return ()
    onsets, frames = _track(wave)
    reach = round(0.06 * HZ / HOP)
    found, strengths = [], []
    for frame in frames.tolist():
        first = max(frame - reach, 0)
        near = onsets[first : frame + reach + 1]
        found.append(first + int(near.argmax()))
        strengths.append(float(near.max(initial=0)))
    # The tracker counts on into the silence before the music and behind it.
    strong = np.flatnonzero(np.array(strengths) > WEAK * np.median(strengths)) if strengths else np.zeros(0, np.intp)
    kept = found[strong[0] : strong[-1] + 1] if len(strong) else []
    return tuple(sorted({float(frame * HOP / HZ) for frame in kept}))


def _track(wave: Floats) -> tuple[Floats, npt.NDArray[np.intp]]:
    """Ask librosa for the strength of onsets (F,), a row per `HOP` samples, and the rows (B,) that are beats.

    librosa has Numba compile as its modules are loaded, and keep the results on disk. Two processes that do so at once
    leave files that do not belong together, and every process that loads them crashes (numba issue 10128): so one at a
    time, and nothing else here loads librosa.
    """
    with FileLock(LOCK):
        from librosa.beat import beat_track
        from librosa.onset import onset_strength

        onsets = onset_strength(y=wave, sr=HZ, hop_length=HOP, aggregate=np.median)
        _, frames = beat_track(onset_envelope=onsets, sr=HZ, hop_length=HOP, trim=False)
    return onsets, frames
