"""The exact frame rate of a picture, from what its container and its stamps say."""

from fractions import Fraction

from av.video.stream import VideoStream

_STANDARD_RATES = tuple(
    Fraction(frames * 1000, base) for frames in (12, 15, 24, 25, 30, 48, 50, 60, 90, 100, 120) for base in (1000, 1001)
)
_SLACK = Fraction(1, 4000)
"""Relative distance at which a measured rate is taken for a standard one: a quarter of that from 24 to 24000/1001."""

_MOST_MISSING = 2
"""How many times more frames the stamps may have room for than there are: a phone leaves out up to every other frame."""


def find_frame_rate(picture: VideoStream) -> Fraction | None:
    """Return the exact frame rate: the standard one that the stream means, else its measured average.

    Containers average over rounded time stamps (24.0000004) and short films have few of them, so both the average and
    the grid on which the decoder finds the stamps are compared with the standard rates. A film of variable frame rate,
    such as a phone's that leaves frames out in the dark, has an average that is no standard rate (28.6) and stamps
    on the grid of one (30): that nominal rate is the answer, and every frame keeps its own stamp.

    Args:
        picture: the stream.

    Returns:
        Frames a second; None where the stream says nothing that makes sense.
    """
    average, grid = (
        figure if figure is not None and 1 <= figure <= 300 else None
        for figure in (picture.average_rate, picture.guessed_rate)
    )
    measured = average or grid
    if measured is None:
        return None
    exact = _find_standard(measured)
    if exact is None and grid is not None and Fraction(99, 100) <= grid / measured <= _MOST_MISSING:
        exact = _find_standard(grid)
    return exact or measured


def _find_standard(measured: Fraction) -> Fraction | None:
    """Return the standard rate that a measured one means, if any."""
    nearest = min(_STANDARD_RATES, key=lambda standard: abs(standard - measured))
    return nearest if abs(nearest / measured - 1) <= _SLACK else None
