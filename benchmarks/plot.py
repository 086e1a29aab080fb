"""Cost against collection size as an SVG made by hand: two panels, both axes logarithmic."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmarks.results import Results

WIDTH, HEIGHT = 470, 420
"""Of one panel."""
LEFT, RIGHT, TOP, BOTTOM = 58, 120, 46, 44
DECADES = (-2, 3)
"""Powers of ten of the milliseconds shown: 0.01 ms to 1 s."""
SIZES = (300, 1000, 3000, 10_000, 30_000, 100_000)
LABEL_GAP = 13.0
"""Pixels between the names at the ends of the lines."""


@dataclass(frozen=True, slots=True)
class Line:
    """What a line shows and how it looks."""

    label: str
    step: str
    name: str
    colour: str
    dashed: bool = False
    figure: str = "p50"


PANELS: tuple[tuple[str, tuple[Line, ...]], ...] = (
    (
        "Keyword top 10, ms (p50)",
        (
            Line("stock Whoosh", "keyword", "whoosh", "#9a6700", True),
            Line("SQLite FTS5", "keyword", "fts5", "#57606a", True),
            Line("bm25s", "keyword", "bm25s", "#8250df", True),
            Line("tantivy", "keyword", "tantivy", "#0969da", True),
            Line("ours", "keyword", "product", "#b3261e"),
        ),
    ),
    (
        "Whole search, a save, a page, ms (p50)",
        (
            Line("page, tantivy", "server", "tantivy + numpy, 8 clients", "#0969da", True),
            Line("page, 8 clients", "server", "product, 8 clients", "#b3261e"),
            Line("search, tantivy", "hybrid", "tantivy + numpy", "#57606a", True),
            Line("search", "hybrid", "product", "#1a7f37"),
            Line("save", "update", "add", "#9a6700"),
        ),
    ),
)

_STYLE = (
    "text{font:12px system-ui,sans-serif;fill:#24292f}.grid{stroke:#d0d7de;stroke-width:1}"
    ".line{fill:none;stroke-width:2}.dash{stroke-dasharray:5 4}.title{font-weight:600}"
    "@media(prefers-color-scheme:dark){text{fill:#e6edf3}.grid{stroke:#444c56}}"
)


def draw(results: Results) -> str:
    """The whole picture."""
    panels = [
        f'<g transform="translate({number * WIDTH} 0)">{"".join(_panel(results, title, lines))}</g>'
        for number, (title, lines) in enumerate(PANELS)
    ]
    width = WIDTH * len(panels)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {HEIGHT}" width="{width}" '
        f'height="{HEIGHT}" role="img" aria-label="Cost against collection size">'
        f"<style>{_STYLE}</style>{''.join(panels)}</svg>\n"
    )


def _panel(results: Results, title: str, lines: Sequence[Line]) -> Iterator[str]:
    yield f'<text class="title" x="{LEFT}" y="24">{title}</text>'
    yield from _grid()
    ends = []
    for line in lines:
        points = _points(results, line)
        if points:
            yield _path(line, points)
            ends.append((points[-1][1], line))
    yield from _labels(ends)


def _grid() -> Iterator[str]:
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
    for power in range(DECADES[0], DECADES[1] + 1):
        y = _y(10.0**power)
        yield f'<path class="grid" d="M{LEFT} {y:.1f}H{right}"/>'
        yield f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{10.0**power:g}</text>'
    for size in SIZES:
        x = _x(size)
        label = f"{size // 1000}k" if size >= 1000 else str(size)
        yield f'<path class="grid" d="M{x:.1f} {TOP}V{bottom}"/>'
        yield f'<text x="{x:.1f}" y="{bottom + 18}" text-anchor="middle">{label}</text>'
    yield f'<text x="{(LEFT + right) / 2:.0f}" y="{HEIGHT - 6}" text-anchor="middle">entries</text>'


def _points(results: Results, line: Line) -> list[tuple[float, float]]:
    found = []
    for size in SIZES:
        value = results.figure(line.step, size, line.name, line.figure)
        if value is not None and value > 0:
            found.append((_x(size), _y(value)))
    return found


def _path(line: Line, points: Sequence[tuple[float, float]]) -> str:
    steps = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{line.colour}"/>' for x, y in points)
    kind = "line dash" if line.dashed else "line"
    return f'<path class="{kind}" stroke="{line.colour}" d="M{steps}"/>{dots}'


def _labels(ends: Sequence[tuple[float, Line]]) -> Iterator[str]:
    """Names beside the ends of the lines, moved apart where they would overlap."""
    below = -math.inf
    for y, line in sorted(ends, key=lambda end: end[0]):
        below = max(y, below + LABEL_GAP)
        at = f'x="{WIDTH - RIGHT + 8}" y="{below + 4:.1f}"'
        yield f'<text {at} style="fill:{line.colour}">{line.label}</text>'


def _x(size: int) -> float:
    share = math.log(size / SIZES[0]) / math.log(SIZES[-1] / SIZES[0])
    return LEFT + share * (WIDTH - LEFT - RIGHT)


def _y(value: float) -> float:
    least, most = DECADES
    share = (min(max(math.log10(value), least), most) - least) / (most - least)
    return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)
