"""Reads that lag behind: a fork of this process answers them from the state before a request."""

from __future__ import annotations

import gc
import io
import os
import sys
import time
import traceback
import warnings
from multiprocessing.connection import Connection, Pipe
from typing import Any, Callable, NoReturn

from werkzeug.wrappers import Request, Response

HEADER = "X-Rehearse-Stale"
READS = ("Describe", "Get", "List")

Answering = Callable[[Request], Response]
Written = tuple[int, list[tuple[str, str]], bytes]


class Snapshot:
    """A child process with the whole state as it was when this was made.

    It ends when its channel does: with `close`, or with this process, however that ends.
    """

    def __init__(self, account_id: str, answering: Answering) -> None:
        self.account_id = account_id
        self._until = float("inf")
        self._channel, theirs = Pipe()
        with warnings.catch_warnings():
            # The child never leaves `_serve`, so no lock of another thread is ever wanted in it.
            warnings.simplefilter("ignore", DeprecationWarning)
            self._pid = os.fork()
        if self._pid == 0:
            _serve(theirs, answering)
        theirs.close()

    def last(self, seconds: float) -> None:
        """Has it answer for so long from now on."""
        self._until = time.monotonic() + seconds

    @property
    def over(self) -> bool:
        """Tells whether its time is up."""
        return time.monotonic() >= self._until

    def answer(self, request: Request) -> Response:
        """Returns what the account would have answered then."""
        self._channel.send((_plain(request.environ), request.get_data()))
        status, headers, body = self._channel.recv()
        return Response(body, status=status, headers=headers)

    def close(self) -> None:
        """Ends the child and waits for its end."""
        self._channel.close()
        os.waitpid(self._pid, 0)


class Snapshots:
    """Those that still answer, of all accounts; the oldest of an account decides."""

    def __init__(self) -> None:
        self._kept: list[Snapshot] = []

    def take(self, account_id: str, answering: Answering) -> Snapshot:
        """Returns a new one, of now."""
        snapshot = Snapshot(account_id, answering)
        self._kept.append(snapshot)
        return snapshot

    def of(self, account_id: str, operation: str) -> Snapshot | None:
        """Returns the one that answers this operation, if it is a read and one does."""
        self._drop(lambda one: one.over)
        if not operation.startswith(READS):
            return None
        return next((one for one in self._kept if one.account_id == account_id), None)

    def forget(self, account_id: str) -> None:
        """Ends those of an account."""
        self._drop(lambda one: one.account_id == account_id)

    def _drop(self, ended: Callable[[Snapshot], bool]) -> None:
        for snapshot in filter(ended, list(self._kept)):
            self._kept.remove(snapshot)
            snapshot.close()


SNAPSHOTS = Snapshots()


def _plain(environ: dict[str, Any]) -> dict[str, str]:
    return {name: value for name, value in environ.items() if isinstance(value, str)}


def _serve(channel: Connection, answering: Answering) -> NoReturn:
    """Answers until the channel ends. Whatever happens, the child must not go on as a second server."""
    try:
        _keep_only(channel.fileno())
        while True:
            environ, body = channel.recv()
            environ["wsgi.input"] = io.BytesIO(body)
            channel.send(_written(answering(Request(environ))))
    except EOFError:
        pass
    except BaseException:  # noqa: BLE001 - it is told, and the parent sees the channel end
        traceback.print_exc(file=sys.stderr)
    finally:
        os._exit(0)


def _keep_only(descriptor: int) -> None:
    """Closes what else was inherited: a channel of another snapshot held here would never end."""
    # Collecting a socket would close its number, which may be a file of ours by then.
    gc.disable()
    gc.freeze()
    os.closerange(3, descriptor)
    os.closerange(descriptor + 1, os.sysconf("SC_OPEN_MAX"))
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1):
        os.dup2(null, standard)


def _written(response: Response) -> Written:
    return response.status_code, list(response.headers), response.get_data()
