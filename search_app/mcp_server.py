"""Search and read for assistants, over the Model Context Protocol. Published entries only, read only.

    kb mcp

speaks the protocol on standard input and output. The only user of `mcp`,
which is an extra: `pip install "dangjian-kb[mcp]"`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from indexer.library import Library
from indexer.types import Filters, Hit
from kb import markdown
from kb.errors import SetupError, UserError
from kb.numerals import article_label
from kb.types import Citation, Entry

if TYPE_CHECKING:
    from mcp.server.mcpserver import MCPServer

MAX_HITS = 20
INSTRUCTIONS = (
    "基层党建知识库：先用 search 找条目，再用 read 读全文。条目是摘要和归纳，不是制度原文；"
    "回答时写明条目标题和依据的条款，in_force 为 false 的依据已经失效；"
    "confident 为 false 时要说明没有找到有把握的答案。"
)


class McpMissing(SetupError):
    """The extra is not installed."""


def make_server(library: Library) -> MCPServer[Any]:
    """A server over one library. Raises McpMissing."""
    try:
        from mcp.server.mcpserver import MCPServer
        from mcp.server.mcpserver.exceptions import ToolError
        from mcp.types import ToolAnnotations
    except ImportError:
        raise McpMissing('没有安装 MCP 组件，请运行 pip install "mcp>=2,<3"') from None
    server: MCPServer[Any] = MCPServer("dangjian-kb", title="基层党建知识库", instructions=INSTRUCTIONS)
    harmless = ToolAnnotations(read_only_hint=True, open_world_hint=False)

    @server.tool(title="检索", annotations=harmless)
    def search(
        query: str, kind: Literal["problem", "handbook", "case", "policy", ""] = "", limit: int = 8
    ) -> dict[str, Any]:
        """用一句话检索知识库。kind：problem 问题、handbook 手册、case 案例、policy 制度；空表示全部。"""
        return found(library, query, kind, limit)

    @server.tool(title="读条目", annotations=harmless)
    def read(entry_id: str) -> dict[str, Any]:
        """读一个条目的全文、步骤和依据；entry_id 来自 search。"""
        try:
            return whole(library, entry_id)
        except UserError as error:
            raise ToolError(str(error)) from None

    return server


def found(library: Library, query: str, kind: str, limit: int) -> dict[str, Any]:
    """What a search answers."""
    library.refresh_if_due()
    filters = Filters(kinds=(kind,) if kind else ())
    result = library.search(query, filters, 1, min(max(limit, 1), MAX_HITS))
    return {
        "confident": result.confident,
        "total": result.total,
        "repairs": [f"{repair.before} → {repair.after}" for repair in result.query.repairs],
        "hits": [_hit(hit) for hit in result.hits],
    }


def whole(library: Library, entry_id: str) -> dict[str, Any]:
    """All of one published entry. Raises EntryNotFound."""
    library.refresh_if_due()
    entry = library.get(entry_id)
    now = library.snapshot
    return {
        **_head(entry),
        "organisations": list(entry.organisations),
        "factors": list(entry.factors),
        "provenance": entry.provenance,
        "text": "\n\n".join(
            f"{'#' * part.level} {part.heading}\n\n{part.text}".strip()
            for part in markdown.sections(entry.body)
        ),
        "citations": [_rule(citation, now.entries.get(citation.policy)) for citation in entry.citations],
        "related": [{"id": other.id, "title": other.title} for other in now.related(entry)],
    }


def _hit(hit: Hit) -> dict[str, Any]:
    return {**_head(hit.entry), "section": hit.heading, "snippet": hit.snippet.value}


def _head(entry: Entry) -> dict[str, Any]:
    """What every mention of an entry says; empty fields are left out."""
    said = {
        "id": entry.id,
        "kind": str(entry.kind),
        "title": entry.title,
        "summary": entry.summary,
        "validity": str(entry.validity or ""),
        "coverage": entry.coverage,
        "superseded_by": entry.superseded_by,
        "evidence": entry.evidence,
    }
    return {name: value for name, value in said.items() if value}


def _rule(citation: Citation, policy: Entry | None) -> dict[str, Any]:
    over = bool(policy and policy.validity and policy.validity.superseded)
    return {
        "ref": citation.ref,
        "policy": policy.title if policy else "",
        "article": article_label(citation.article),
        "says": citation.says,
        "certainty": citation.grade.label,
        "in_force": not over if policy else None,
    }
