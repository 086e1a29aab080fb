"""`kb recall` and `kb export-onnx`: what the quick first look of a large index loses, and quicker models."""

from __future__ import annotations

import time
from pathlib import Path

import click
import numpy as np

from indexer import build, nearest, recall, vector_files
from indexer.encoder import encoder_folder
from indexer.semantic import VectorIndex
from search_app.config import STARTER_CONTENT, Config

TIMED = 20
"""Questions whose time is taken."""
COMPARED = 64
"""Titles encoded with the original and the exported model."""


@click.command("recall")
@click.pass_context
def recall_command(ctx: click.Context) -> None:
    """量一量语义检索的快速初选会漏掉多少，并记在向量旁边；漏得多就改回逐段比对。"""
    from search_app.cli import EXIT_FINDINGS, open_library

    config: Config = ctx.obj
    vectors = open_library(config).snapshot.vectors
    if vectors is None or not vectors.ids:
        click.echo("没有语义向量，不用量")
        return
    measured = vectors.measured()
    _show(vectors, measured)
    if len(vectors) >= recall.SKETCHED_FROM:
        _record(measured, encoder_folder(config.index, config.encoder))
        ctx.exit(0 if measured.sketch else EXIT_FINDINGS)


def _show(vectors: VectorIndex, measured: VectorIndex) -> None:
    found = measured.recall
    assert found is not None
    click.echo(f"{len(vectors.ids)} 个条目，{len(vectors)} 段，每段 {vectors.dimensions} 维")
    click.echo(
        f"快速初选找到前 10 条的 {found.at_10:.1%}、前 {nearest.DEPTH} 条的 {found.at_100:.1%}"
        f"（{found.questions} 个问题，要求前 10 条 {recall.LEAST:.0%}）"
    )
    quick = f"快速初选（{found.width} 维）每次 {_milliseconds(measured):.1f} 毫秒" if found.width else ""
    exact = f"逐段比对每次 {_milliseconds(measured.exactly()):.1f} 毫秒"
    click.echo("，".join(part for part in (quick, exact) if part))
    if len(vectors) < recall.SKETCHED_FROM:
        click.echo(f"不到 {recall.SKETCHED_FROM} 段，检索用逐段比对")
    else:
        click.echo("检索用快速初选，入选的再精确比对" if measured.sketch else "漏得太多，检索用逐段比对")


def _milliseconds(vectors: VectorIndex) -> float:
    """Time of one search, the middle of several."""
    times = []
    for vector in recall.questions(vectors.base, TIMED):
        started = time.perf_counter()
        vectors.candidates(vector, nearest.DEPTH)
        times.append((time.perf_counter() - started) * 1000)
    return float(np.median(times))


def _record(measured: VectorIndex, index: Path) -> None:
    """Write the result beside the vectors, unless somebody saved in the meantime."""
    home, card = measured.home, measured.card
    with build.write_lock(index):
        if home and card and card.same_files(vector_files.read_card(home)):
            measured.save(home, measured.revision)
            click.echo("结果已记下")
        else:
            click.secho("量的时候有人保存，结果没有记下，请再运行一次", fg="yellow", err=True)


@click.command("export-onnx")
@click.argument("model")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--whole", is_flag=True, help="权重不压缩成字节：慢一些，与原模型相同")
def export_command(model: str, folder: Path, whole: bool) -> None:
    """把 sentence-transformers 模型 MODEL 转成不需要 torch 的 FOLDER，在普通处理器上快几倍。"""
    from indexer import onnx_export
    from indexer.encoder import TransformerEncoder
    from indexer.onnx_encoder import OnnxEncoder
    from kb import Store

    target = onnx_export.export(model, folder, quantize=not whole)
    titles = [record.entry.title for record in Store((STARTER_CONTENT,)).records()[0]][:COMPARED]
    ours = OnnxEncoder(folder, "exported", ("", "")).encode(titles)
    alike = (TransformerEncoder(model).encode(titles) * ours).sum(axis=1)
    click.echo(f"已写到 {target}（{target.stat().st_size / 1e6:.0f} MB）")
    click.echo(f"与原模型向量的夹角余弦：平均 {alike.mean():.4f}，最低 {alike.min():.4f}")
    click.echo(f"下一步：设 KB_ENCODER=onnx:{folder.resolve()}，再 kb build")


COMMANDS = (recall_command, export_command)
