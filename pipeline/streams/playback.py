"""Whether a browser plays a film as it is, and whether it does so lightly."""

from pathlib import Path

from av.container import InputContainer

from pipeline.footage import Playback
from pipeline.places import is_remote
from pipeline.streams.probe import find_picture, find_sound, open_container

PLAYED = (
    ({"mov", "mp4"}, {"h264", "vp9"}, {"aac", "mp3", "flac", "opus"}),
    ({"matroska", "webm"}, {"vp8", "vp9"}, {"opus", "vorbis"}),
    ({"mp3"}, set[str](), {"mp3"}),
    ({"flac"}, set[str](), {"flac"}),
    ({"wav"}, set[str](), {"pcm_s16le", "pcm_u8", "pcm_f32le"}),
)
"""What Chromium, Firefox and Safari have in common: for each container, by the names FFmpeg gives it, the coders of its
picture and of its sound. HEVC and AV1 are left out: whether they play hangs on the machine.

Source: MDN, "Media container formats" and "Web video codec guide".
"""

PLAYED_PIXELS = frozenset({"yuv420p", "yuvj420p"})
"""Eight bits, a quarter of the chroma: other pictures of the same coders are for editing, and stay black in browsers."""

LIGHT_PX = 1920 * 1088
LIGHT_FPS = 61
LIGHT_BITS_S = 16_000_000
"""What a browser plays and seeks in with ease, and a network carries: more has a light copy made although it plays."""


def judge_playback(path: Path) -> Playback:
    """Judge how a film plays in a browser; one that lies elsewhere is never played from there.

    Args:
        path: the film.

    Raises:
        FileUnreadable, NotMedia, MediaTooLarge, MediaDamaged: as `probe_cut`.
    """
    if is_remote(path):
        return Playback(is_playable=False, is_light=False)
    with open_container(path) as container:
        is_playable = _plays(container)
        return Playback(is_playable=is_playable, is_light=is_playable and _is_light(container))


def _plays(container: InputContainer) -> bool:
    """Whether browsers know a film's container, its coders and its pixels."""
    picture, sound = find_picture(container), find_sound(container)
    names = set(container.format.name.split(","))
    for containers, pictures, sounds in PLAYED:
        if names & containers:
            shows = picture is None or (
                picture.codec_context.codec.canonical_name in pictures
                and picture.codec_context.pix_fmt in PLAYED_PIXELS
            )
            return shows and (sound is None or sound.codec_context.codec.canonical_name in sounds)
    return False


def _is_light(container: InputContainer) -> bool:
    """Whether a film that plays is no burden."""
    picture = find_picture(container)
    if picture is None:
        return True
    context = picture.codec_context
    rate = picture.average_rate or 0
    return context.width * context.height <= LIGHT_PX and rate < LIGHT_FPS and (container.bit_rate or 0) <= LIGHT_BITS_S
