"""Results -> the tables of docs/performance.md. The prose around them is written by hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmarks import plot
from benchmarks.aims import AIMS, CHANGES, Aim
from benchmarks.results import DONE, Results

DOCS = Path(__file__).resolve().parent.parent / "docs"
BEGIN, END = "<!-- figures: python -m benchmarks report -->", "<!-- /figures -->"
MISSING = "–"
ENGINES = ("product", "tantivy", "tantivy, query made too", "bm25s", "fts5", "whoosh")
"""The order in which engines are told."""


def tables(results: Results) -> str:
    """Everything that was measured, as Markdown."""
    sizes = results.sizes()
    parts = (
        _machine(results),
        _aims(results, sizes),
        _keyword(results, sizes),
        _hybrid(results, sizes),
        _building(results, sizes),
        _updates(results, sizes),
        _starts(results, sizes),
        _server(results, sizes),
        _soak(results),
    )
    return "\n\n".join(part for part in parts if part)


def write(results: Results, docs: Path = DOCS) -> None:
    """Put the tables between their marks in performance.md, and draw the plot beside it."""
    page = docs / "performance.md"
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    page.write_text(f"{before}{BEGIN}\n\n{tables(results)}\n\n{END}{after}", encoding="utf-8")
    (docs / "performance.svg").write_text(plot.draw(results), encoding="utf-8")


def _machine(results: Results) -> str:
    ends = [row for row in results.rows() if row.name == DONE]
    if not ends:
        return ""
    last = ends[-1]
    loads = sorted(row.load for row in results.rows())
    cpu, cores, memory, python = (last.figures[name] for name in ("cpu", "cores", "memory", "python"))
    middle = loads[len(loads) // 2]
    return (
        f"Taken {ends[0].when[:10]} on {cores} cores ({cpu}, {memory}), Python {python}; load average "
        f"while measuring {loads[0]:.1f} to {loads[-1]:.1f}, median {middle:.1f}."
    )


def _aims(results: Results, sizes: Sequence[int]) -> str:
    rows = []
    for aim in AIMS:
        cells = [_judged(aim, size, aim.read(results, size)) for size in sizes]
        if any(cell != MISSING for cell in cells):
            rows.append([aim.what, aim.told, *cells])
    return _table(["what", "aim", *map(_short, sizes)], rows)


def _judged(aim: Aim, size: int, value: float | None) -> str:
    if value is None:
        return MISSING
    met = aim.met(size, value)
    return _number(value) + ("" if met is None else " ✓" if met else " ✗")


def _keyword(results: Results, sizes: Sequence[int]) -> str:
    head = "### Keyword leg: top 10 of any-word questions over the boosted fields, ms, p50 / p95"
    rows = [[name, *(_pair(results, "keyword", size, name) for size in sizes)] for name in ENGINES]
    shares = [
        [f"top 10 shared with {name}", *(_cell(results, "keyword", size, name, "overlap") for size in sizes)]
        for name in ENGINES[1:]
    ]
    cpu = [
        [f"{name}, processor time, p50", *(_cell(results, "keyword", size, name, "cpu") for size in sizes)]
        for name in ENGINES[:2]
    ]
    return _part(head, ["engine", *map(_short, sizes)], rows + cpu + shares)


def _hybrid(results: Results, sizes: Sequence[int]) -> str:
    head = "### Whole search, ms, p50 / p95"
    names = [name for name in results.names("hybrid") if name != "recall"]
    rows = [[name, *(_pair(results, "hybrid", size, name) for size in sizes)] for name in names]
    for name in names[:2]:
        rows.append(
            [f"{name}, processor time, p50", *(_cell(results, "hybrid", s, name, "cpu") for s in sizes)]
        )
    for figure in ("recall10", "least10", "recall100"):
        rows.append([figure, *(_cell(results, "hybrid", size, "recall", figure) for size in sizes)])
    return _part(head, ["what", *map(_short, sizes)], rows)


BUILD_FIGURES = (
    ("ms", "whole build"),
    ("parse_ms", "of it: reading and parsing files"),
    ("keyword_ms", "keyword leg alone"),
    ("encode_ms", "encoder alone, its words cut"),
    ("own_cut_ms", "our segmenter alone"),
    ("rjieba_ms", "rjieba alone"),
    ("jieba_ms", "jieba alone"),
)


def _building(results: Results, sizes: Sequence[int]) -> str:
    head = "### Building, ms an entry"
    rows = [
        [label, *(_cell(results, "build", size, "product", name) for size in sizes)]
        for name, label in BUILD_FIGURES
    ]
    rows.append(
        [
            "stock Whoosh with jieba's analyzer",
            *(_cell(results, "build", size, "whoosh with jieba", "ms") for size in sizes),
        ]
    )
    for name in ("tantivy", "bm25s", "fts5"):
        rows.append([f"{name}, words given", *(_cell(results, "peers", size, name, "ms") for size in sizes)])
    for name, label in (
        ("seconds", "whole build, s"),
        ("disk_mib", "index, MiB"),
        ("peak_mib", "peak memory of the writing process, MiB"),
        ("own_peak_mib", "of it not mapped files"),
        ("fold_seconds", "working it in afterwards, s"),
    ):
        rows.append([label, *(_cell(results, "build", size, "product", name) for size in sizes)])
    return _part(head, ["what", *map(_short, sizes)], rows)


UPDATE_FIGURES = (
    ("file_p50", "file_worst", "file, synced"),
    ("search_p50", "search_worst", "search right after"),
    ("cpu", "cpu", "processor time, file included, p50"),
)


def _updates(results: Results, sizes: Sequence[int]) -> str:
    head = "### From a save to searchable, ms, p50 / worst; the file apart"
    rows = []
    for name in results.names("update"):
        rows.append([name, *(_pair(results, "update", size, name, "p50", "worst") for size in sizes)])
        for first, second, label in UPDATE_FIGURES if name in CHANGES else ():
            rows.append(
                [f"{name}: {label}", *(_pair(results, "update", s, name, first, second) for s in sizes)]
            )
    rows.append(["that search otherwise", *(_cell(results, "update", size, "idle", "ms") for size in sizes)])
    return _part(head, ["what", *map(_short, sizes)], rows)


def _starts(results: Results, sizes: Sequence[int]) -> str:
    head = "### A fresh process: first hybrid answer, ms, p50 / worst; memory after 200 questions, MiB"
    rows = [
        [name, *(_pair(results, "start", size, name, "p50", "worst") for size in sizes)]
        for name in ("library", "library, files checked first", "server")
    ]
    for figure, label in (
        ("resident", "resident"),
        ("anonymous", "of it this process's own"),
        ("vectors", "of it mapped vectors"),
    ):
        rows.append([label, *(_cell(results, "start", size, "memory when asked", figure) for size in sizes)])
    return _part(head, ["what", *map(_short, sizes)], rows)


def _server(results: Results, sizes: Sequence[int]) -> str:
    head = "### Result pages over HTTP: pages a second; ms p50 / p95 / p99"
    rows = []
    for name in results.names("server"):
        cells = []
        for size in sizes:
            times = [
                results.figure("server", size, name, figure) for figure in ("per_second", "p50", "p95", "p99")
            ]
            known = [_number(value) for value in times if value is not None]
            cells.append(f"{known[0]}; {' / '.join(known[1:])}" if known else MISSING)
        rows.append([name, *cells])
    return _part(head, ["what", *map(_short, sizes)], rows)


def _soak(results: Results) -> str:
    sizes = sorted({row.size for row in results.rows() if row.step == "soak"})
    head = "### A long day: eight clients, an edit every hundred pages; by tenths"
    rows = []
    for size in sizes:
        for name in results.names("soak"):
            figures = [
                _cell(results, "soak", size, name, figure)
                for figure in ("count", "p50", "p95", "resident_mib", "without_vectors_mib")
            ]
            rows.append([f"{_short(size)}, {name}", *figures])
    return _part(
        head, ["when", "pages", "p50, ms", "p95, ms", "resident, MiB", "without mapped vectors"], rows
    )


def _part(head: str, names: list[str], rows: list[list[str]]) -> str:
    """A heading and its table; nothing where nothing was measured."""
    known = [row for row in rows if any(cell != MISSING for cell in row[1:])]
    return f"{head}\n\n{_table(names, known)}" if known else ""


def _pair(results: Results, step: str, size: int, name: str, first: str = "p50", second: str = "p95") -> str:
    cells = [_cell(results, step, size, name, figure) for figure in dict.fromkeys((first, second))]
    return MISSING if MISSING in cells else " / ".join(cells)


def _cell(results: Results, step: str, size: int, name: str, figure: str) -> str:
    value = results.figure(step, size, name, figure)
    return MISSING if value is None else _number(value)


def _number(value: float) -> str:
    """Three figures, no more: the machine is not steadier than that."""
    if value >= 100 or value == int(value):
        return f"{value:.0f}"
    return f"{value:.3g}"


def _short(size: int) -> str:
    return f"{size // 1000}k" if size >= 1000 else str(size)


def _table(names: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [names, ["---"] * len(names), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
