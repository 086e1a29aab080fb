"""Figures as JSON lines in a folder: added as they are measured, so that an interrupted run can go on."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.measure import load, machine

Value = float | str
DONE = "done"
"""Name of the row that says that a step is complete at a size."""


@dataclass(frozen=True, slots=True)
class Row:
    """What one step found out about one thing at one size."""

    step: str
    size: int
    name: str
    figures: dict[str, Value]
    when: str = ""
    load: float = 0.0


class Results:
    """The rows of one folder; of rows for the same thing the latest counts."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "results.jsonl"
        folder.mkdir(parents=True, exist_ok=True)

    def add(self, step: str, size: int, name: str, figures: Mapping[str, Value]) -> None:
        """Keep a row, with the hour and the load of the machine."""
        row = Row(step, size, name, dict(figures), datetime.now(UTC).isoformat("T", "minutes"), load())
        with self._file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(row), ensure_ascii=False) + "\n")

    def finish(self, step: str, size: int) -> None:
        """Mark a step complete, with the machine it was done on."""
        self.add(step, size, DONE, machine())

    def is_done(self, step: str, size: int) -> bool:
        """True when the step is complete at that size."""
        return self.get(step, size, DONE) is not None

    def rows(self) -> Iterator[Row]:
        """The latest row of every thing, in the order they were first seen."""
        found: dict[tuple[str, int, str], Row] = {}
        lines = self._file.read_text(encoding="utf-8").splitlines() if self._file.exists() else []
        for line in lines:
            row = Row(**json.loads(line))
            found[row.step, row.size, row.name] = row
        return iter(found.values())

    def get(self, step: str, size: int, name: str) -> Row | None:
        """The latest row of that name."""
        return next((r for r in self.rows() if (r.step, r.size, r.name) == (step, size, name)), None)

    def figure(self, step: str, size: int, name: str, figure: str) -> float | None:
        """One number, if it was measured."""
        row = self.get(step, size, name)
        value = row.figures.get(figure) if row else None
        return float(value) if isinstance(value, int | float) else None

    def names(self, step: str) -> list[str]:
        """Things a step measured at any size, without its end mark."""
        return list(dict.fromkeys(r.name for r in self.rows() if r.step == step and r.name != DONE))

    def sizes(self) -> list[int]:
        """Sizes anything was measured at."""
        return sorted({row.size for row in self.rows()})
