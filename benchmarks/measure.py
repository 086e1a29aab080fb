"""Clocks, spreads and the state of the machine. The same for everybody who is measured."""

from __future__ import annotations

import os
import platform
import statistics
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path

Action = Callable[[int], object]
"""Does the n-th of a list of things once."""

ROUNDS = 5
"""Times each question is put to each engine; its time is the median of them."""
LOOK_EVERY = 0.01
"""Seconds between two looks at the memory of a process."""
PATIENCE = 5.0
"""Seconds an engine may take for all rounds after the first; slower ones get fewer rounds, or none."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Times of one kind of thing, in milliseconds."""

    p50: float
    p95: float
    p99: float
    worst: float
    cpu: float
    """p50 of processor time: when it is far below the wall clock, others were using the machine."""
    count: int

    def figures(self, prefix: str = "") -> dict[str, float]:
        """By name, for a row of results."""
        return {f"{prefix}{name}": round(value, 5) for name, value in asdict(self).items()}


@dataclass(slots=True)
class Times:
    """Wall and processor seconds, gathered one by one."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def take(self, action: Callable[[], object]) -> object:
        """Do it, keep how long it took, pass on what it gave."""
        cpu, wall = time.process_time(), time.perf_counter()
        given = action()
        self.wall.append(time.perf_counter() - wall)
        self.cpu.append(time.process_time() - cpu)
        return given

    @property
    def spread(self) -> Spread:
        """What was gathered."""
        return spread(self.wall, self.cpu)


def spread(wall: Sequence[float], cpu: Sequence[float] = ()) -> Spread:
    """Seconds -> their spread in milliseconds."""
    ordered = sorted(value * 1000 for value in wall)
    return Spread(
        statistics.median(ordered),
        _share(ordered, 0.95),
        _share(ordered, 0.99),
        ordered[-1],
        statistics.median(cpu) * 1000 if cpu else 0.0,
        len(ordered),
    )


def _share(ordered: Sequence[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def seconds(action: Callable[[], object]) -> float:
    """Wall seconds `action` takes."""
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def interleaved(actions: Mapping[str, Action], count: int, rounds: int = ROUNDS) -> dict[str, Spread]:
    """Everybody does thing 0, then everybody thing 1 …: noise of the machine hits all alike.

    A first round warms up and counts only for those too slow for another; the
    order changes from thing to thing; the time of a thing is its median over
    the rounds.
    """
    seen = {name: _once_each(action, count) for name, action in actions.items()}
    turns = {name: min(rounds, int(PATIENCE / sum(t.wall[0] for t in seen[name]))) for name in actions}
    for name, times in seen.items():
        if turns[name]:
            times[:] = (Times() for _ in range(count))
    for turn in range(rounds):
        names = [name for name in actions if turn < turns[name]]
        for number in range(count):
            first = (number + turn) % max(1, len(names))
            for name in (*names[first:], *names[:first]):
                seen[name][number].take(partial(actions[name], number))
    return {name: _medians(times) for name, times in seen.items()}


def _once_each(action: Action, count: int) -> list[Times]:
    times = [Times() for _ in range(count)]
    for number, each in enumerate(times):
        each.take(partial(action, number))
    return times


def _medians(times: Sequence[Times]) -> Spread:
    return spread([statistics.median(t.wall) for t in times], [statistics.median(t.cpu) for t in times])


def machine() -> dict[str, str]:
    """The class of machine, for the head of a table: never its name."""
    return {
        "cpu": _cpu_model(),
        "cores": str(os.cpu_count()),
        "memory": f"{_total_memory() / 2**30:.0f} GiB",
        "python": platform.python_version(),
        "system": platform.system(),
    }


def _cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    return next((line.split(":")[1].strip() for line in lines if "model name" in line), platform.machine())


def _total_memory() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") if hasattr(os, "sysconf") else 0


def load() -> float:
    """Processes that wanted to run over the last minute; ours is one of them."""
    return round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else 0.0


@dataclass(frozen=True, slots=True)
class Memory:
    """Resident memory of a process in MiB."""

    resident: float
    anonymous: float
    """What only this process holds; the rest is files the system may drop and read again."""
    vectors: float
    """Of mapped vector files."""


def memory(process: int | str = "self") -> Memory:
    """Resident memory as Linux counts it; zeros elsewhere."""
    folder = Path("/proc") / str(process)
    status = _status(folder)
    try:
        maps = (folder / "smaps").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return Memory(0.0, 0.0, 0.0)
    return Memory(status.get("VmRSS", 0.0), status.get("RssAnon", 0.0), _mapped(maps, "/vectors/"))


class Peak:
    """The most memory this process holds while something is done, looked at every few milliseconds."""

    def __init__(self) -> None:
        self.resident = self.anonymous = 0.0
        self._done = threading.Event()
        self._watching = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Peak:
        self._watching.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._watching.join()

    def _watch(self) -> None:
        while not self._done.wait(LOOK_EVERY):
            now = _status(Path("/proc/self"))
            self.resident = max(self.resident, now.get("VmRSS", 0.0))
            self.anonymous = max(self.anonymous, now.get("RssAnon", 0.0))


def _status(folder: Path) -> dict[str, float]:
    """Resident memory by name, MiB; nothing where the system does not tell."""
    try:
        lines = (folder / "status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return {}
    wanted = (line.split() for line in lines if line.startswith(("VmRSS", "RssAnon")))
    return {name.rstrip(":"): int(kib) / 1024 for name, kib, *_ in wanted}


def _mapped(maps: str, part: str) -> float:
    """MiB resident of the mapped files that have `part` in their paths."""
    total, ours = 0, False
    for line in maps.splitlines():
        first = line.split(" ", 1)[0]
        if not first.endswith(":"):
            ours = part in line
        elif ours and first == "Rss:":
            total += int(line.split()[1])
    return total / 1024
