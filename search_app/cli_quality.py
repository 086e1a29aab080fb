"""`kb eval` and `kb train`: how good the search is, and how its encoder is made."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import click

from indexer import evaluate, gate, stard
from indexer.evaluate import JudgedQuery, Scores
from indexer.library import Library
from search_app.config import STARTER_CONTENT, Config

NO_MEANING = frozenset({"semantic"})
QUALITY = STARTER_CONTENT / "tests" / "quality"
FEATURES = (
    "keyword",
    "semantic",
    "neighbours",
    "exact",
    "synonyms",
    "parts",
    "script",
    "pinyin",
    "wrong-character",
    "english",
)
"""Everything that can be switched off alone: the rows of the ablation table."""


def _table(title: str, rows: dict[str, Scores]) -> None:
    click.echo(f"\n{title}")
    click.echo(
        f"{'':18s}{'n':>5s}{'nDCG@10':>9s}{'hit@1':>8s}{'hit@5':>8s}{'MRR':>8s}{'p50 ms':>8s}{'p95 ms':>8s}"
    )
    for name, s in rows.items():
        click.echo(
            f"{name:18s}{s.queries:5d}{s.ndcg:9.3f}{s.hit1:8.3f}{s.hit5:8.3f}{s.mrr:8.3f}{s.p50:8.1f}{s.p95:8.1f}"
        )


@click.command("eval")
@click.argument("path", type=click.Path(exists=True, path_type=Path), required=False)
@click.option("--half", type=click.Choice(["tune", "test"]), help="只用查询集的一半")
@click.option("--ablation", is_flag=True, help="逐个关掉功能，列出各自的作用")
@click.option("--gate", "gated", is_flag=True, help="与本项目的最低要求比较，不达标则退出码为 1")
@click.option("--forms", is_flag=True, help="机械变换为繁体、拼音、错字后再测")
@click.pass_context
def evaluate_command(
    ctx: click.Context, path: Path | None, half: str | None, ablation: bool, gated: bool, forms: bool
) -> None:
    """用有判断的查询集衡量检索质量；PATH 是 TSV 文件，或 STARD 格式的文件夹。"""
    from search_app.cli import EXIT_FINDINGS, open_library

    config: Config = ctx.obj
    if path is not None and path.is_dir():
        _table(str(path), stard.evaluate_folder(path, config.encoder))
        return
    library = open_library(config)
    if gated:
        verdict = gate.run(library, QUALITY)
        for line in verdict.lines:
            click.echo(line)
        ctx.exit(0 if verdict.passed else EXIT_FINDINGS)
    queries = [q for q in evaluate.read_queries(path or QUALITY / "queries.tsv") if half in (None, q.half)]
    _table("按问法", evaluate.by_style(_run(library, queries, frozenset())))
    if ablation:
        rows = {"全部功能": evaluate.score(_run(library, queries, frozenset()))}
        rows |= {f"不用 {f}": evaluate.score(_run(library, queries, frozenset({f}))) for f in FEATURES}
        _table("逐个关掉", rows)
    if forms:
        shares = gate.form_shares(library, queries)
        _table(
            "机械变换",
            {f"{n} {w}": s for n, pair in shares.items() for w, s in zip(("原", "变"), pair, strict=True)},
        )


def _run(library: Library, queries: list[JudgedQuery], off: frozenset[str]) -> list[evaluate.Outcome]:
    return evaluate.run(lambda text: library.search(text, size=evaluate.DEPTH, off=off), queries)


@click.command()
@click.option("--data", type=click.Path(exists=True, path_type=Path), required=True, help="训练数据文件夹")
@click.option("--out", type=click.Path(path_type=Path), help="模型写到哪里（默认替换内置模型）")
@click.option("--hold-out", default=0, show_default=True, help="每个条目留出几条别名不参加训练")
@click.pass_obj
def train(config: Config, data: Path, out: Path | None, hold_out: int) -> None:
    """训练内置语义模型；先按散列核对训练数据，缺什么就说什么。"""
    from indexer import train as training
    from indexer import training_data, wordlists
    from indexer.encoder import LIGHT_FOLDER
    from indexer.segmentation import Segmenter
    from kb import Store

    training_data.verify(data)
    words = wordlists.load(wordlists.SHIPPED)
    entries = [
        dataclasses.replace(r.entry, aliases=r.entry.aliases[: len(r.entry.aliases) - hold_out])
        for r in Store((STARTER_CONTENT,)).records()[0]
    ]
    recipe = training.Recipe()
    segmenter = Segmenter(words.words)
    folder = out or LIGHT_FOLDER
    public = [training_data.public_pairs(data, recipe.pairing)] * recipe.epochs
    own = training_data.own_pairs(entries, words, recipe.pairing)
    training.make(public, own, segmenter, folder, recipe, click.echo)
    training.fit_scope(folder, segmenter, training_data.inside(entries), training_data.outside(data))
    click.echo(f"模型已写到 {out or LIGHT_FOLDER}。下一步：kb build，再 kb eval")


@click.command()
@click.pass_obj
def calibrate(config: Config) -> None:
    """由查询集中用于调整的一半推出“没有合适答案”的门限，写入内置模型。"""
    from indexer import confidence
    from search_app.cli import open_library

    library = open_library(config)
    judged = [q.text for q in evaluate.read_queries(QUALITY / "queries.tsv") if q.half == "tune"]
    unanswerable = confidence.read_unanswerable(QUALITY / "unanswerable.tsv")
    strange = [row.text for row in unanswerable if row.half == "tune"]
    judges = {}
    for name, signs, off in (
        ("hybrid", confidence.HYBRID, frozenset[str]()),
        ("words", confidence.WORDS, NO_MEANING),
    ):
        inside = [library.signs_of(text, off) for text in judged]
        outside = [library.signs_of(text, off) for text in strange]
        judges[name] = confidence.calibrate(inside, outside, signs)
        lost = sum(not judges[name].accepts(s) for s in inside) / len(judged)
        rejected = sum(not judges[name].accepts(s) for s in outside) / len(strange)
        click.echo(f"{name}：拒答 {rejected:.1%}，误拒 {lost:.1%}，门限 {judges[name].threshold}")
    confidence.save(judges)


COMMANDS = (evaluate_command, train, calibrate)
