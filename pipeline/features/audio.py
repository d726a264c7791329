"""The sound stream: what the 25 Hz loudness measurements say of each second."""

import numpy as np

from pipeline.features.evidence import Evidence
from pipeline.features.windows import average_near
from pipeline.types import GRID_HZ, Bools, Floats

VERSION = "3"
FLOOR_DB = -80.0
"""Below this a sound counts as silence."""

PROGRAM_DB = -19.58
"""The programme level of the training film, to which every film's is brought: how loud it is mastered says nothing."""

QUIET_DB, GATE_DB, RELATIVE_GATE_DB = -50.0, -70.0, 10.0
"""A track whose programme level is below the first is quiet by itself and raised no further than one at that level; the
gates are those of ITU-R BS.1770."""

GATE_ROWS = 10
"""Blocks of 400 ms."""

ONSET_DB = 6.0
"""A rise of this many decibels within 80 ms counts as an onset."""

MODULATION_HZ = ((0.5, 2.0), (2.0, 7.0), (7.0, 12.5))
"""Bands of loudness modulation: phrases and music; syllables of speech; roughness."""

WINDOW = 2 * GRID_HZ
"""Modulation is measured over 2 s centred on the second."""

PULSE_HZ, PULSE_S = (1.0, 2.5), 4
"""The band of loudness modulation in which music beats and people walk, and over how many seconds it is measured."""

FLOOR_S, UNSTEADY_S = 15, 3
SWELL_S = (9, 241)
"""The level of so many seconds is set against that of so many more."""

COLUMNS = (
    "loudness",
    "loudness_peak",
    "loudness_floor",
    "loudness_spread",
    "loudness_change",
    "silence",
    "onsets",
    "side_balance",
    "stereo_width",
    "modulation_slow",
    "modulation_speech",
    "modulation_rough",
    "unsteadiness",
    "floor_around",
    "pulse",
    "swell",
)


def describe_sound(evidence: Evidence) -> tuple[Floats, Bools]:
    """Describe the sound of each second.

    Loudness is 20 log10 of the RMS per 40 ms, the film's programme level brought to `PROGRAM_DB`, floored at -80 dB and
    scaled so that -80 dB is 0 and 0 dB is 1: the same film mastered louder or softer is described alike.
    `side_balance` is signed (left minus right) and `stereo_width` unsigned, as shares of the sum of both channels.
    `unsteadiness` is the RMS's deviation over 3 s as a share of its mean: high in speech, low in music, traffic and
    silence; `floor_around` the level that is passed 90 % of 15 s; `pulse` the share of the loudness modulation over 4 s
    that lies between 1 and 2.5 Hz; `swell` the mean level of 9 s above that of the 241 s around.

    Args:
        evidence: the measurements, 25 T rows.

    Returns:
        Columns (T, Da) float32 and whether each second has sound (T,) bool.
    """
    heard = evidence.sound_present.reshape(-1, GRID_HZ)
    present = np.asarray(heard.any(axis=1))
    gain = find_gain(np.where(evidence.sound_present, evidence.rms, 0))
    rms, lrdiff = gain * np.where(evidence.sound_present, evidence.rms, 0), gain * evidence.lrdiff
    level = (1 - 10 * np.log10(np.maximum(rms**2, 10 ** (FLOOR_DB / 10))) / FLOOR_DB).astype(np.float32)
    rows = level.reshape(-1, GRID_HZ)
    rise = level - np.minimum(np.roll(level, 1), np.roll(level, 2))
    rise[:2] = 0
    onset = (rise > ONSET_DB / -FLOOR_DB) & (np.roll(rise, 1) <= ONSET_DB / -FLOOR_DB)
    balance = np.where(rms > 1e-4, lrdiff / np.maximum(rms, 1e-4), 0).reshape(-1, GRID_HZ)
    loudness = 10 * np.log10(np.maximum((rms**2).reshape(-1, GRID_HZ).mean(axis=1), 10 ** (FLOOR_DB / 10)))
    loudness = 1 - loudness / FLOOR_DB
    columns = [
        loudness,
        rows.max(axis=1),
        np.percentile(rows, 10, axis=1),
        rows.std(axis=1),
        np.diff(loudness, prepend=loudness[:1]),
        (rows <= 0.25).mean(axis=1),
        onset.reshape(-1, GRID_HZ).sum(axis=1),
        balance.mean(axis=1),
        np.abs(balance).mean(axis=1),
        *_measure_modulation(level),
        *_measure_steadiness(rms.astype(np.float32), level),
        _measure_pulse(level),
        _measure_swell(loudness, present),
    ]
    return (np.stack(columns, axis=1) * present[:, None]).astype(np.float32), present


def find_gain(rms: Floats) -> float:
    """Return the factor that brings a film's programme level to that of the training film.

    The programme level is the mean power of blocks of 400 ms that lie above -70 dB and no more than 10 dB below the mean
    of those: ITU-R BS.1770's gating, without its weighting of frequencies.

    Args:
        rms: (25 T,) float32 >= 0, the RMS of 40 ms, full scale 1; 0 where there is no sound.

    Returns:
        The factor, > 0; 1 for a film of silence.
    """
    power = (rms[: len(rms) // GATE_ROWS * GATE_ROWS].astype(np.float64) ** 2).reshape(-1, GATE_ROWS).mean(axis=1)
    heard = power[power > 10 ** (GATE_DB / 10)]
    if not len(heard):
        return 1.0
    level_db = 10 * np.log10(heard[heard > heard.mean() * 10 ** (-RELATIVE_GATE_DB / 10)].mean())
    return float(10 ** ((PROGRAM_DB - max(level_db, QUIET_DB)) / 20))


def _measure_modulation(level: Floats) -> list[Floats]:
    """Strength of the loudness modulation in each band of `MODULATION_HZ`: three (T,)."""
    frames = _slide_window(level, WINDOW)
    frames = (frames - frames.mean(axis=1, keepdims=True)) * np.hanning(WINDOW)
    power = np.abs(np.fft.rfft(frames, axis=1)) / WINDOW
    hz = np.fft.rfftfreq(WINDOW, 1 / GRID_HZ)
    return [np.sqrt((power[:, (hz >= low) & (hz < high)] ** 2).sum(axis=1)) * 4 for low, high in MODULATION_HZ]


def _measure_steadiness(rms: Floats, level: Floats) -> list[Floats]:
    """How unsteady the sound is, and how quiet its quietest moments around are: two (T,)."""
    near = _slide_window(rms, UNSTEADY_S * GRID_HZ)
    unsteadiness = near.std(axis=1) / (near.mean(axis=1) + 1e-6)
    return [unsteadiness, np.percentile(_slide_window(level, FLOOR_S * GRID_HZ), 10, axis=1)]


def _measure_pulse(level: Floats) -> Floats:
    """The share of the loudness modulation that lies in `PULSE_HZ`: (T,)."""
    rows = PULSE_S * GRID_HZ
    frames = _slide_window(-FLOOR_DB * level, rows)
    power = np.abs(np.fft.rfft((frames - frames.mean(axis=1, keepdims=True)) * np.hanning(rows), axis=1)) ** 2
    hz = np.fft.rfftfreq(rows, 1 / GRID_HZ)
    beating = power[:, (hz >= PULSE_HZ[0]) & (hz < PULSE_HZ[1])].sum(axis=1)
    pulse: Floats = beating / (power[:, 1:].sum(axis=1) + 1e-3)
    return pulse


def _measure_swell(loudness: Floats, present: Bools) -> Floats:
    """The mean loudness of `SWELL_S[0]` seconds above that of `SWELL_S[1]`, over the seconds that have sound: (T,)."""
    near, around = (average_near(loudness, width, present) for width in SWELL_S)
    return np.asarray(near - around, np.float32)


def _slide_window(rows: Floats, width: int) -> Floats:
    """Windows of so many grid rows centred on each second, the ends held: (25 T,) -> (T, width)."""
    margin = (width - GRID_HZ) // 2
    padded = np.pad(rows, (margin, width - GRID_HZ - margin), mode="edge")
    windows: Floats = np.lib.stride_tricks.sliding_window_view(padded, width)[::GRID_HZ]
    return windows
