"""`python -m benchmarks COMMAND`: make a collection, measure the engine and the server, write the tables."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from benchmarks import profiling, report, running, serving
from benchmarks.corpus import ALIASES, Corpus, write
from benchmarks.results import Results
from benchmarks.running import ENGINES, SIZES, STEPS, Task
from benchmarks.workspace import Workspace

WORK = Path("local") / ".kb" / "benchmarks"
"""Where collections, indexes and results lie unless told otherwise; git does not see it."""

_size = click.option("--size", default=1000, show_default=True, help="entries in the collection")
_work = click.option(
    "--work", default=WORK, show_default=True, type=click.Path(path_type=Path), help="collections and results"
)
_markdown = click.option("--markdown", is_flag=True, help="write docs/performance.md and its plot")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Speed and memory, measured. Nothing here is asserted in tests."""


@main.command()
@click.option("--size", default=1000, show_default=True)
@click.option("--to", "folder", required=True, type=click.Path(path_type=Path))
@click.option("--seed", default=7, show_default=True)
@click.option("--aliases", default=ALIASES, show_default=True, help="other ways of asking, on average")
def corpus(size: int, folder: Path, seed: int, aliases: float) -> None:
    """Write a content root of SIZE entries, and questions about them in queries.txt."""
    write(Corpus(seed, aliases), size, folder)
    click.echo(f"{size} entries in {folder}")


@main.command()
@_size
@_work
@_markdown
def engines(size: int, work: Path, markdown: bool) -> None:
    """Build, ask, save and start, beside the peers, at one size. Measures again what was measured."""
    _again([Task(step, size) for step in ENGINES], work, markdown)


@main.command()
@_size
@_work
@_markdown
@click.option("--soak", default=0, help="a long day of that many pages instead")
def server(size: int, work: Path, markdown: bool, soak: int) -> None:
    """Drive the running server with 1, 8 and 50 clients, beside the same pages over tantivy and numpy."""
    if soak:
        serving.soak(_space(work, size), Results(work), soak)
        _show(Results(work), markdown)
    else:
        _again([Task("server", size)], work, markdown)


@main.command("all")
@_work
@_markdown
@click.option("--up-to", default=SIZES[-1], show_default=True, help="largest collection")
def everything(work: Path, markdown: bool, up_to: int) -> None:
    """Every step at every size; goes on where it was interrupted. Delete results.jsonl to begin anew."""
    results = Results(work)
    sizes = [size for size in SIZES if size <= up_to]
    failed = running.run(running.plan(sizes), work, results, lambda text: click.echo(text, err=True))
    _show(results, markdown)
    sys.exit(1 if failed else 0)


@main.command()
@click.argument("name", type=click.Choice(tuple(STEPS)))
@_size
@_work
def step(name: str, size: int, work: Path) -> None:
    """One step in this process."""
    results = Results(work)
    STEPS[name](_space(work, size), results)
    results.finish(name, size)


@main.command()
@_size
@_work
@click.option("--off", default="", help="features left out, such as semantic,neighbours")
def profile(size: int, work: Path, off: str) -> None:
    """Where the time of a search goes, by function."""
    click.echo(profiling.profile(_space(work, size), frozenset(part for part in off.split(",") if part)))


@main.command("report")
@_work
@_markdown
def show(work: Path, markdown: bool) -> None:
    """The tables of what was measured."""
    _show(Results(work), markdown)


def _space(work: Path, size: int) -> Workspace:
    return Workspace(work.resolve(), size, Corpus())


def _again(tasks: list[Task], work: Path, markdown: bool) -> None:
    failed = [task for task in tasks if not running.in_own_process(task, work)]
    _show(Results(work), markdown)
    if failed:
        click.echo("failed: " + ", ".join(task.step for task in failed), err=True)
        sys.exit(1)


def _show(results: Results, markdown: bool) -> None:
    click.echo(report.tables(results))
    if markdown:
        report.write(results)


if __name__ == "__main__":
    main()
