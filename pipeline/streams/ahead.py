"""A generator that runs in a thread of its own, a few items ahead of whoever asks for them."""

import queue
import threading
from collections.abc import Generator
from contextlib import closing
from typing import TypeVar

T = TypeVar("T")

_POLL_S = 0.1
"""How often the thread looks whether it is still wanted, while nobody takes what it has."""


def read_ahead(items: Generator[T, None, None], *, depth: int) -> Generator[T, None, None]:
    """Run a generator in a thread: what it does outside Python's lock goes on while its items are being used.

    Args:
        items: the generator; nobody else uses it from now on.
        depth: how many items may wait.

    Yields:
        The items in order. Closing the generator stops the thread before it returns.

    Raises:
        Exception: whatever the generator raises, in its place behind the items.
    """
    waiting: queue.Queue[tuple[T | None, BaseException | None, bool]] = queue.Queue(depth)
    unwanted = threading.Event()

    def put(entry: tuple[T | None, BaseException | None, bool]) -> None:
        while not unwanted.is_set():
            try:
                waiting.put(entry, timeout=_POLL_S)
                return
            except queue.Full:
                continue

    def run() -> None:
        failure: BaseException | None = None
        try:
            with closing(items):
                for item in items:
                    put((item, None, False))
                    if unwanted.is_set():
                        break
        except BaseException as error:  # It is raised again where the items are used.
            failure = error
        put((None, failure, True))

    thread = threading.Thread(target=run, name="read-ahead", daemon=True)
    thread.start()
    try:
        while True:
            item, failure, is_end = waiting.get()
            if failure is not None:
                raise failure
            if is_end:
                return
            yield item  # type: ignore[misc]
    finally:
        unwanted.set()
        thread.join()
