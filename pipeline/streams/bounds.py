"""How large a film may be: what claims more is refused, or not decoded, before memory is taken for it.

A file of a few bytes can claim pictures of gigabytes, and FFmpeg decodes the first pictures of a file while it is being
opened. So the sizes that the file states are read first, without any decoder; then no decoder may go beyond them.
"""

from functools import lru_cache
from pathlib import Path

import av.error
from av.container import InputContainer

from pipeline.errors import MediaTooLarge
from pipeline.streams.quicktime import find_excess
from pipeline.streams.source import describe_state, open_media

MOST_PIXELS = 100_000_000
"""Of one picture: 12K, 12288 x 6480, has 80 million."""

MOST_STREAMS = 300
"""Of one file: subtitles in every language and the fonts for them are under a hundred."""

LONGEST_S = 86_400
"""What claims to be longer than timecode's day has a damaged header; rows for it would fill the memory."""

LEAST_BYTES_S = 100
"""Bytes that a second of any film takes, or of speech at the least rate: a file that claims to be longer is not believed."""

PICTURE_BOUND = {"max_pixels": str(MOST_PIXELS)}
"""The option that keeps a decoder from larger pictures, whatever a file says in its middle."""

_STREAMLESS_HEADERS = frozenset({"mpegts", "mpeg", "flv", "wtv"})
"""Formats whose streams turn up while packets are read, too late to be given options of their own."""

_SOUND_DECODERS = (
    "aac,aac_latm,ac3,eac3,mp1,mp1float,mp2,mp2float,mp3,mp3float,dca,truehd,mlp,flac,opus,libopus,s302m,speex,libspeex,"
    "nellymoser,adpcm_swf,pcm_bluray,pcm_dvd,pcm_alaw,pcm_mulaw,pcm_s16le,pcm_s16be,pcm_u8"
)
"""What such formats may hold as sound, whose rate and channels only a decoder can tell."""


def survey_file(path: Path, options: dict[str, str]) -> dict[str, str]:
    """Read the sizes that a media file states, and say how it may be opened.

    Args:
        path: the media file.
        options: of the container, as for `av.open`.

    Returns:
        The container's options with which, together with `PICTURE_BOUND` for its streams, no decoder goes beyond the
        bounds while the file is being opened.

    Raises:
        MediaTooLarge: its pictures or the count of its streams are beyond them.
        av.error.FFmpegError, OSError, ValueError: no container recognises it.
    """
    size, state = describe_state(path)
    options = {**options, "max_streams": str(MOST_STREAMS + 1)}
    format_names = _read_statement(path, size, state, tuple(options.items()))
    if _STREAMLESS_HEADERS & format_names:
        options["codec_whitelist"] = _SOUND_DECODERS
    return options


def bound_decoders(container: InputContainer) -> None:
    """Keep the decoders of a container, which must not have been opened yet, from making pictures beyond the bound.

    A picture that is larger than its file said cannot be decoded then, as if it were damaged. Where H.264 does not say by
    how much its pictures are out of order, the most is expected from the first on: a decoder that learned it on the way
    would give other pictures at the beginning of a chunk than in the middle of the film.
    """
    for stream in container.streams.video:
        if stream.codec_context is not None:
            strictly = {"strict": "1"} if stream.codec_context.name == "h264" else {}
            stream.codec_context.options = {**PICTURE_BOUND, **strictly}


@lru_cache(maxsize=16)
def _read_statement(path: Path, size: int, state: str, options: tuple[tuple[str, str], ...]) -> frozenset[str]:
    """Return the names of a file's format, if the sizes it states are within the bounds; once for each of its states."""
    excess = find_excess(path)
    if excess is not None:
        raise MediaTooLarge(f"{path.name!r} claims {excess}.", "It is damaged; copy or export the film again.")
    quiet = {**dict(options), "codec_whitelist": "none"}
    try:
        container = open_media(path, options={}, container_options=quiet)
    except av.error.MemoryError as error:  # by which FFmpeg also means its bound on streams
        raise MediaTooLarge(
            f"{path.name!r} asks for more memory than a film needs.", "Export the film again, with fewer tracks."
        ) from error
    with container:
        if len(container.streams) > MOST_STREAMS:
            raise MediaTooLarge(
                f"{path.name!r} holds more than {MOST_STREAMS} streams.", "Export the film with fewer tracks."
            )
        for stream in container.streams.video:
            context = stream.codec_context
            if context is not None and context.width * context.height > MOST_PIXELS:
                raise MediaTooLarge(
                    f"The pictures of {path.name!r} have {context.width} x {context.height} pixels.",
                    f"Export the film with pictures of at most {MOST_PIXELS // 1_000_000} million pixels.",
                )
        return frozenset(container.format.name.split(","))
