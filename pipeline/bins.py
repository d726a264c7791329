"""Breakdown bins that fill themselves: lines, exclamations, screams, hits, silence and the like, by rules anyone can read.

Every rule looks at whole seconds, for so are the measurements, but for lines and shots, whose instants are known: a hit
lies somewhere in its second. Nothing here recognises a scream or a laugh; what is called "-like" has their measure.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from pipeline.clock import frame_to_seconds
from pipeline.moments.columns import find_speech, find_story, rank_share, read_column
from pipeline.moments.edges import LEAST_FRAMES, touches_spans
from pipeline.moments.film import (
    Film,
    average_known,
    average_line,
    drop_barred,
    list_open_lines,
    make_find,
    make_runs,
    measure_changes,
    read_details,
    smooth_seconds,
)
from pipeline.types import Curves, Cut, Features, Line, Segment, SpoilerZone


def fill_bins(
    features: Features,
    curves: Curves,
    lines: Sequence[Line],
    *,
    cut: Cut,
    spoilers: Sequence[SpoilerZone] = (),
    most: int = 50,
) -> Mapping[str, tuple[Segment, ...]]:
    """Fill every bin of `BINS`.

    Args:
        features: the cut's measurements; a bin whose measurement is missing stays empty.
        curves: its curves.
        lines: its dialogue.
        cut: the cut.
        spoilers: nothing is taken from a hard zone.
        most: how many a bin holds at most, the best of them.

    Returns:
        For each bin its moments, best first, none overlapping another of the same bin, none in an aside. Each one's
        reasons add up to its score.
    """
    seconds, end_s = features.seconds, float(cut.duration_s)
    barred = (
        *((aside.start_s, aside.end_s) for aside in features.asides),
        *((zone.start_s, zone.end_s) for zone in spoilers if zone.is_hard),
    )
    starts = np.arange(seconds, dtype=np.float64)
    film = Film(
        features=features,
        curves=curves,
        lines=tuple(line for line in lines if line.end_s > line.start_s),
        end_s=end_s,
        barred=barred,
        open=~touches_spans(starts, np.minimum(starts + 1, end_s), barred),
        story=find_story(features),
        speech=find_speech(lines, seconds),
    )
    return {name: _keep_best(_drop_slivers(rule(film), film, cut), most) for name, rule in BINS.items()}


def find_lines(film: Film) -> list[Segment]:
    """Lines spoken whole: each line of the transcript with a word in it that is no description of a sound, [like this].

    Score: words, up to six; and how high the tension stands in the film while it is said.
    """
    tension = rank_share(film.curves.curve("tension"), film.story)
    found = []
    for line in list_open_lines(film):
        words = min(len(line.text.split()) / 6, 1.0)
        found.append(
            make_find(
                line.start_s, min(line.end_s, film.end_s), {"words": words, "tension": average_line(tension, line)}
            )
        )
    return found


def find_exclamations(film: Film) -> list[Segment]:
    """Lines that hold an exclamation mark. Score: the marks, up to three; and how loud the film is while they are said."""
    loudness = film.share("audio", "loudness")
    return [
        make_find(
            line.start_s,
            min(line.end_s, film.end_s),
            {"exclamation marks": min(line.text.count("!") / 3, 1.0), "loud": average_line(loudness, line)},
        )
        for line in list_open_lines(film)
        if "!" in line.text
    ]


def find_screams(film: Film) -> list[Segment]:
    """Scream-like sound: loud, tonal, high, and rising and falling, a baby's cry and a cock's crow as well.

    A second in which the voice band stands 15 dB over the bass, the centre of the spectrum lies from 900 to 4,500 Hz, the
    flatness is at most 0.1, the loudness moves slowly by 0.05 at least, and which is louder than half of the film. Runs
    of up to six seconds. Score: how loud, and how far the voice band stands over the bass, up to 40 dB.
    """
    bass, voice, centroid, flatness = read_details(film, "bass_db", "voice_db", "centroid_hz", "flatness")
    loud, slow = film.share("audio", "loudness"), read_column(film.features, "audio", "modulation_slow")
    over = voice - bass
    mask = (over >= 15) & (centroid >= 900) & (centroid <= 4500) & (flatness <= 0.1) & (slow >= 0.05) & (loud >= 0.5)
    return make_runs(film, mask, {"loud": loud, "voice over bass": np.clip(over / 40, 0, 1)}, longest=6)


def find_hits(film: Film) -> list[Segment]:
    """Hits: sudden loud sounds, whatever makes them.

    A second in which the level rises by 20 dB or more within 80 ms, at most twice, to a peak louder than those of three
    quarters of the film. Score: the rise, up to 40 dB, and how loud the peak is.
    """
    (rise,) = read_details(film, "rise_db")
    peak, onsets = film.share("audio", "loudness_peak"), read_column(film.features, "audio", "onsets")
    mask = (rise >= 20) & (onsets <= 2) & (peak >= 0.75)
    return make_runs(film, mask, {"sudden": np.clip(rise / 40, 0, 1), "loud": peak}, longest=2)


def find_laughter(film: Film) -> list[Segment]:
    """Laughter-like sound: bursts of voice at the pace of syllables where no line is said; a barking dog as well.

    Two seconds or more with two onsets or more each, loudness that moves at 2 to 7 Hz by 0.08 at least, and a voice band
    8 dB over the bass and 6 over the treble. Score: the movement, up to 0.2, and how loud.
    """
    bass, voice, treble = read_details(film, "bass_db", "voice_db", "treble_db")
    pace = read_column(film.features, "audio", "modulation_speech")
    onsets, loud = read_column(film.features, "audio", "onsets"), film.share("audio", "loudness")
    mask = (pace >= 0.08) & (onsets >= 2) & (voice - bass >= 8) & (voice - treble >= 6) & ~film.speech
    return make_runs(film, mask, {"bursts": np.clip(pace / 0.2, 0, 1), "loud": loud}, shortest=2, longest=10)


def find_silence(film: Film) -> list[Segment]:
    """Silence: two seconds or more below -50 dB, or 30 dB below the film's median and below -40; nothing is said.

    Score: the length, up to ten seconds, and how far below -30 dB it is, up to 50.
    """
    loudness = read_column(film.features, "audio", "loudness")
    level = (loudness.astype(np.float64) - 1) * 80
    known = level[film.story & np.isfinite(level)]
    median = float(np.median(known)) if len(known) else 0.0
    mask = ((level <= -50) | ((level <= median - 30) & (level <= -40))) & ~film.speech
    quiet = np.clip((-30 - level) / 50, 0, 1)
    return make_runs(film, mask, {"quiet": quiet}, shortest=2, longest=30, length_s=10)


def find_stares(film: Film) -> list[Segment]:
    """Stares: a face held for two seconds or more, without a word, a cut, or more motion than half of the film has.

    A face of at least 0.3 of the picture's height in every second's still. Without a transcript anyone may be talking.
    Score: the face, up to half the height, the stillness, and the length, up to ten seconds.
    """
    (face,) = read_details(film, "face")
    motion, cuts = film.share("frames", "picture_change"), read_column(film.features, "frames", "cuts")
    mask = (face >= 0.3) & (motion <= 0.5) & (cuts == 0) & ~film.speech
    parts = {"face": np.clip(face / 0.5, 0, 1), "still": 1 - motion}
    return make_runs(film, mask, parts, shortest=2, longest=30, length_s=10)


def find_action(film: Film) -> list[Segment]:
    """Action: three seconds or more in which motion, cuts and loudness together are higher than in most of the film.

    Each as the share of the film's seconds below it, its mean over five seconds; the three's mean is at least 0.75.
    Without sound, motion and cuts alone. Score: their mean.
    """
    columns = [("frames", "picture_change"), ("frames", "cuts"), ("audio", "loudness")]
    smooth = [rank_share(smooth_seconds(read_column(film.features, *c), 5), film.story) for c in columns]
    if not np.isfinite(smooth[0]).any():
        return []
    known = [row for row in smooth if np.isfinite(row).any()]
    busy = np.mean(known, axis=0)
    return make_runs(film, busy >= 0.75, {"motion, cuts and loudness": busy}, shortest=3, longest=20)


def find_establishing(film: Film) -> list[Segment]:
    """Establishing shots: the first shot of a scene-like change, two seconds or more, no face, and light or full of edges.

    A scene-like change is where picture and sound of the ten seconds behind a shot's beginning differ from the ten before
    more than at 80 % of the shots; the film's beginning is one. No face of 0.2 of the height, no word in the first second,
    and either the edges or the light part of the picture above the film's median. At most eight seconds of it.
    Score: the change, as a share of the shots, and edges and light as a share of the film, the higher of the two.
    """
    face, edges, light = read_details(film, "face", "edges", "light")
    starts = film.features.shot_starts_s
    if not len(starts) or not np.isfinite(face).any():
        return []
    ends = np.append(starts[1:], film.end_s)
    change = measure_changes(film, starts)
    change = rank_share(change, np.ones(len(change), np.bool_))
    change[0] = 1.0
    wide = np.fmax(rank_share(edges, film.story), rank_share(light, film.story))
    found = []
    for start, end, new in zip(starts.tolist(), np.minimum(ends, starts + 8).tolist(), change.tolist(), strict=True):
        # A still shows the middle of its second: those of the seconds whose middle lies in the shot.
        rows = slice(int(np.ceil(start - 0.5)), max(int(np.ceil(end - 0.5)), int(np.ceil(start - 0.5)) + 1))
        spoken = any(line.start_s < start + 1 and line.end_s > start for line in film.lines)
        if end - start < 2 or new < 0.8 or spoken or not np.isfinite(face[rows]).any() or np.nanmax(face[rows]) >= 0.2:
            continue
        if (width := average_known(wide[rows])) > 0.5:
            found.append(make_find(start, end, {"a change": new, "edges or light": width}))
    return drop_barred(film, found)


def find_swells(film: Film) -> list[Segment]:
    """Music swells, or what sounds like them: sound without words that grows steadily by 6 dB or more in eight seconds.

    From a second to the next the loudness never falls by more than 1.5 dB nor rises by more than 8, its floor lies no more
    than 12 dB below it, and the spectrum is no noise (flatness at most 0.2 in the mean). Nothing tells music from an
    engine that comes nearer. The stretch is the eight seconds and the two behind them. Score: the growth, up to 20 dB,
    and how loud it gets.
    """
    loudness, floor = (read_column(film.features, "audio", name) for name in ("loudness", "loudness_floor"))
    (flatness,) = read_details(film, "flatness")
    loud, found = film.share("audio", "loudness"), []
    db = loudness.astype(np.float64) * 80
    for t in range(film.features.seconds - 7):
        rows = slice(t, t + 8)
        grown, steps = db[t + 7] - db[t], np.diff(db[rows])
        is_even = steps.min() >= -1.5 and steps.max() <= 8 and (db[rows] - floor[rows] * 80).max() <= 12
        steady = grown >= 6 and is_even
        tonal = not np.isfinite(flatness[rows]).any() or np.nanmean(flatness[rows]) <= 0.2
        if steady and tonal and db[t] > 10 and not film.speech[rows].any():
            end_s = min(t + 10.0, film.end_s)
            found.append(make_find(float(t), end_s, {"grows": min(grown / 20, 1.0), "loud": float(loud[t + 7])}))
    return drop_barred(film, found)


BINS: Mapping[str, Callable[[Film], list[Segment]]] = {
    "lines": find_lines,
    "exclamations": find_exclamations,
    "scream-like": find_screams,
    "hits": find_hits,
    "laughter-like": find_laughter,
    "silence": find_silence,
    "stares": find_stares,
    "action": find_action,
    "establishing": find_establishing,
    "swells": find_swells,
}
"""Every bin with its rule."""


def _drop_slivers(found: list[Segment], film: Film, cut: Cut) -> list[Segment]:
    """Begin and end with a shot where less than 12 frames of another would show: seconds know nothing of shots."""
    least_s = float(frame_to_seconds(LEAST_FRAMES, cut.timecode_rate))
    borders = np.append(film.features.shot_starts_s.astype(np.float64), film.end_s)
    trimmed = []
    for segment in found:
        inside = borders[(borders > segment.start_s) & (borders < segment.end_s)]
        start_s, end_s = segment.start_s, segment.end_s
        if len(inside) and inside[0] - start_s < least_s:
            start_s = float(inside[0])
        if len(inside) and end_s - inside[-1] < least_s:
            end_s = float(inside[-1])
        trimmed.append(replace(segment, start_s=start_s, end_s=end_s) if start_s < end_s else segment)
    return trimmed


def _keep_best(found: list[Segment], most: int) -> tuple[Segment, ...]:
    """The best, none overlapping."""
    kept: list[Segment] = []
    for segment in sorted(found, key=lambda s: (-s.score, s.start_s)):
        if len(kept) == most:
            break
        if all(segment.end_s <= other.start_s or segment.start_s >= other.end_s for other in kept):
            kept.append(segment)
    return tuple(kept)
