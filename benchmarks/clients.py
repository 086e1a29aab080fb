"""HTTP clients that cost little: they share the cores with the server they measure."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Sequence
from urllib.parse import quote

TIMEOUT = 60.0


class BadAnswer(Exception):
    """The server answered with something else than a page."""


class Client:
    """One connection kept open, as a browser keeps it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket = self._connect()

    def _connect(self) -> socket.socket:
        made = socket.create_connection(("127.0.0.1", self._port), TIMEOUT)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return made

    def get(self, path: str) -> int:
        """Fetch a page; returns its length in bytes. Raises BadAnswer, OSError."""
        request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/html\r\n\r\n"
        self._socket.sendall(request.encode("ascii"))
        head, _, body = self._until(b"\r\n\r\n").partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise BadAnswer(head.split(b"\r\n", 1)[0].decode("latin-1"))
        length = _length(head)
        missing = length - len(body)
        while missing > 0:
            missing -= len(self._receive())
        if b"\r\nconnection: close" in head.lower():
            self.close()
            self._socket = self._connect()
        return length

    def _until(self, mark: bytes) -> bytes:
        received = self._receive()
        while mark not in received:
            received += self._receive()
        return received

    def _receive(self) -> bytes:
        part = self._socket.recv(1 << 18)
        if not part:
            raise ConnectionError("the server closed the connection")
        return part

    def close(self) -> None:
        """Hang up."""
        self._socket.close()


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    raise BadAnswer("no Content-Length")


def page_of(question: str) -> str:
    """The path of a result page."""
    return f"/search?q={quote(question)}"


def drive(
    port: int, clients: int, paths: Sequence[str], enough: Callable[[], bool] = lambda: False
) -> tuple[list[float], float]:
    """So many clients fetch the paths in turn, each path once; seconds per page, and seconds in all.

    The first error ends the run and is raised.
    """
    waiting = iter(paths)
    taking = threading.Lock()
    times: list[float] = []
    failures: list[BaseException] = []

    def work() -> None:
        try:
            client = Client(port)
            while not failures and not enough():
                with taking:
                    path = next(waiting, None)
                if path is None:
                    break
                started = time.perf_counter()
                client.get(path)
                times.append(time.perf_counter() - started)
            client.close()
        except (OSError, BadAnswer) as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(clients)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - started
    if failures:
        raise failures[0]
    return times, took


def wait_for(port: int, path: str, limit: float) -> float:
    """Seconds until the server answers that path with a page."""
    started = time.perf_counter()
    while time.perf_counter() - started < limit:
        try:
            client = Client(port)
            client.get(path)
            client.close()
            return time.perf_counter() - started
        except (OSError, BadAnswer):
            time.sleep(0.005)
    raise TimeoutError(f"no answer within {limit} seconds")


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
