"""Arrays that never change, and whose shape is checked once."""

from typing import Any

import numpy as np
import numpy.typing as npt


def freeze_array(array: npt.ArrayLike, dtype: npt.DTypeLike, shape: tuple[int | None, ...], name: str) -> Any:
    """Return a read-only array of the dtype, after checking its shape.

    Args:
        array: anything numpy reads.
        dtype: the dtype to hold.
        shape: the expected length of every axis; None where any length is right.
        name: what to call it in the error.

    Returns:
        A read-only array; the caller's own array is left writable.

    Raises:
        ValueError: the shape is another one.
    """
    frozen = np.array(array, dtype=dtype)
    if len(frozen.shape) != len(shape) or any(
        want is not None and want != have for want, have in zip(shape, frozen.shape, strict=True)
    ):
        raise ValueError(f"{name} has shape {frozen.shape}, expected {shape}")
    frozen.setflags(write=False)
    return frozen
