"""Tasks handed to workers, wherever these are, and followed while they run."""

import contextlib
import logging
import secrets
import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar, TypeVarTuple

from pipeline.errors import Cancelled, SchedulerLost, SettingError, WorkLost
from studio.settings import Settings
from studio.workers import NETWORK, connect_scheduler, start_local

LOOK_S = 0.2
"""How often whoever waits for a task looks whether it is still wanted."""

LOST = "lost"
GONE = "cancelled"
"""What Dask says of a task whose scheduler went away, and of one that it has forgotten."""

LOSS = ("The work broke off because the scheduler was lost.", "Start it again, or wait until it is there.")
CLOSE_TIMEOUT_S = 2
"""How long a scheduler that was lost may take to answer that it is let go."""

SHORT_OF_MEMORY = "Close other programs, or allow workers more with THROUGHLINE_WORKER_MEMORY, then try again."

logger = logging.getLogger(__name__)

Result = TypeVar("Result")
Values = TypeVarTuple("Values")


class Task(Generic[Result]):
    """A call on its way through a worker.

    Args:
        future: what Dask knows of it.
        changed: set whenever a task of the same owner has ended or told something.
    """

    def __init__(self, future: Any, changed: threading.Event) -> None:
        self._future = future
        self._changed = changed
        future.add_done_callback(lambda _: changed.set())

    def has_ended(self) -> bool:
        """Whether there is a result, an error, or nobody left who could say."""
        return bool(self._future.status in (LOST, GONE) or self._future.done())

    def take_result(self) -> Result:
        """Return the result of a task that has ended.

        Raises:
            WorkLost: its worker was lost twice, or had too little memory.
            SchedulerLost: the scheduler was lost.
            Exception: whatever the call raised.
        """
        from distributed import KilledWorker

        if self._future.status in (LOST, GONE):
            raise SchedulerLost(*LOSS)
        try:
            result: Result = self._future.result()
        except KilledWorker as error:
            raise WorkLost(
                "The work broke off because its worker stopped, twice: most likely there was not enough memory.",
                SHORT_OF_MEMORY,
            ) from error
        except MemoryError as error:
            raise WorkLost("A worker has not enough memory for this film.", SHORT_OF_MEMORY) from error
        return result

    def wait(self, watch: Callable[[], None]) -> Result:
        """Wait for the result.

        Args:
            watch: called again and again; whatever it raises takes the task back.

        Raises:
            WorkLost, Exception: as `take_result`.
        """
        try:
            while not self.has_ended():
                self._changed.wait(LOOK_S)
                self._changed.clear()
                watch()
            return self.take_result()
        finally:
            self.drop()

    def drop(self) -> None:
        """Let go of it: the worker stops at its next report, and forgets a result."""
        self._future.release()


class Cluster:
    """The workers that this process can give tasks to.

    Args:
        settings: this machine's settings.
        local: the cluster on this machine; None where the scheduler is somebody else's.
        client: the connection to the scheduler.

    Attributes:
        connection: which of its connections to the scheduler this is, counted from 1.
        settings: this machine's settings.
    """

    def __init__(self, settings: Settings, local: Any, client: Any) -> None:
        self.settings = settings
        self._local = local
        self._listeners: dict[str, Callable[..., None]] = {}
        self.connection = 0
        self._take_client(client)

    @classmethod
    def start(cls, settings: Settings) -> "Cluster":
        """Start workers on this machine, or connect to the scheduler of the settings.

        Args:
            settings: this machine's settings.

        Raises:
            SettingError: the scheduler does not answer.
        """
        if settings.scheduler is not None:
            return cls(settings, None, connect_scheduler(settings.scheduler))
        local, client = start_local(settings)
        return cls(settings, local, client)

    def close(self) -> None:
        """Let go of the scheduler, and stop the workers of this machine."""
        self._client.close()
        if self._local is not None:
            self._local.close()

    @property
    def address(self) -> str:
        """Where the scheduler listens."""
        return str(self._client.scheduler.address)

    @property
    def is_local(self) -> bool:
        """Whether the workers are this machine's own."""
        return self._local is not None

    def count_threads(self) -> int:
        """How many tasks the workers take at a time; 0 while there is none."""
        try:
            workers = self._client.scheduler_info(n_workers=-1).get("workers", {})
        except (OSError, TimeoutError, ValueError):  # The scheduler has gone this moment.
            return 0
        return sum(int(worker["nthreads"]) for worker in workers.values())

    def note_loss(self, connection: int) -> None:
        """Take it that the scheduler was lost: another one in its place knows nothing of what this one was given.

        Args:
            connection: the `connection` that work was given through; of one that was given up before, nothing is taken.
        """
        if connection == self.connection:
            self._is_lost = True

    def reconnect(self) -> bool:
        """Say whether the scheduler is there; if it was lost, try to find it again, or start workers of this machine anew."""
        if not self._is_lost and self._client.status == "running":
            return True
        lost, local = self._client, self._local
        try:
            if self.settings.scheduler is None:
                with contextlib.suppress(OSError, RuntimeError, TimeoutError):  # It may be past closing.
                    local.close(timeout=CLOSE_TIMEOUT_S)
                self._local, client = start_local(self.settings)
            else:
                client = connect_scheduler(self.settings.scheduler)
        except (SettingError, OSError, RuntimeError, TimeoutError) as error:
            logger.warning("The scheduler is away: %s", error)
            return False
        self._take_client(client)
        with contextlib.suppress(OSError, TimeoutError):  # Nobody may be left to take leave of.
            lost.close(timeout=CLOSE_TIMEOUT_S)
        return True

    def submit(
        self,
        call: Callable[[str, *Values], Result],
        *args: *Values,
        priority: int = 0,
        needs_network: bool = False,
        changed: threading.Event | None = None,
        tell: Callable[..., None] | None = None,
    ) -> Task[Result]:
        """Hand a call to a worker.

        Args:
            call: a function of `studio.tasks`.
            args: its arguments after the first, which is the topic that it tells of its progress.
            priority: what has more goes first.
            needs_network: whether it asks the networks.
            changed: set whenever it has ended or told something; one of its own if None.
            tell: called, in a thread of Dask's, with what the call tells of its progress.

        Returns:
            The task; whoever has it must wait for it or drop it.

        Raises:
            SchedulerLost: the scheduler was lost.
        """
        if self._client.status != "running":
            raise SchedulerLost(*LOSS)
        key, changed = f"{call.__name__}-{secrets.token_hex(8)}", changed or threading.Event()
        if tell is not None:
            self._listeners[key] = tell
        future = self._client.submit(
            call,
            self._topic,
            *args,
            key=key,
            pure=False,
            priority=priority,
            resources={NETWORK: 1} if needs_network and self.is_local else None,
        )
        future.add_done_callback(lambda _: self._listeners.pop(key, None))
        return Task(future, changed)

    def _take_client(self, client: Any) -> None:
        """Take up a connection, and listen to what tasks tell through it."""
        self._client, self._is_lost = client, False
        self.connection += 1
        self._topic = f"throughline-{secrets.token_hex(8)}"
        client.subscribe_topic(self._topic, self._hear)

    def _hear(self, event: tuple[float, Any]) -> None:
        """Pass on what a task tells."""
        message = event[1]
        tell = self._listeners.get(message["key"])
        if tell is not None:
            tell(*message["values"])


def tell_progress(topic: str, *values: str | float) -> None:
    """Tell from inside a task how far it has come, and find out whether it is still wanted.

    Args:
        topic: the first argument of the task.
        values: what to tell.

    Raises:
        Cancelled: nobody waits for the task any more.
    """
    from distributed import get_worker
    from distributed.worker import thread_state

    worker, key = get_worker(), thread_state.key
    state = worker.state.tasks.get(key)
    if state is None or state.state != "executing":
        raise Cancelled
    worker.log_event(topic, {"key": key, "values": values})
