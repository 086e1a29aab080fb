"""Search and read for assistants; what is not published stays unknown to them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from click.testing import CliRunner

from search_app.cli_mcp import COMMANDS
from tests.search_app.sites import Site

pytest.importorskip("mcp")

from mcp.client import Client

from search_app.mcp_server import make_server


def call(site: Site, tool: str, **arguments: Any) -> tuple[bool, Any, str]:
    """Whether it failed, its structure, its text."""

    async def ask() -> tuple[bool, Any, str]:
        async with Client(make_server(site.library)) as client:
            answer = await client.call_tool(tool, arguments)
            text = "".join(getattr(part, "text", "") for part in answer.content)
            return bool(answer.is_error), answer.structured_content, text

    return asyncio.run(ask())


def test_two_tools_that_change_nothing(shared_site: Site) -> None:
    async def ask() -> list[tuple[str, bool | None]]:
        async with Client(make_server(shared_site.library)) as client:
            tools = (await client.list_tools()).tools
            return [(tool.name, tool.annotations and tool.annotations.read_only_hint) for tool in tools]

    assert asyncio.run(ask()) == [("search", True), ("read", True)]


def test_search_finds_what_the_page_finds(shared_site: Site) -> None:
    failed, data, _ = call(shared_site, "search", query="党费逾期没交怎么办", limit=2)
    assert (
        not failed
        and data["confident"]
        and data["hits"][0]["id"] == "dues-overdue"
        and len(data["hits"]) == 2
    )
    failed, data, _ = call(shared_site, "search", query="党费", kind="case", limit=999)
    assert {hit["kind"] for hit in data["hits"]} == {"case"}


def test_read_gives_the_words_and_says_what_is_out_of_force(shared_site: Site) -> None:
    failed, data, _ = call(shared_site, "read", entry_id="hostile")
    rules = {rule["ref"]: rule["in_force"] for rule in data["citations"]}
    assert not failed and rules == {"discipline-2018#6": False, "no-such-policy#3": None}
    assert "## 实施步骤" in data["text"] and data["related"] == []


def test_what_is_not_published_stays_unknown(shared_site: Site) -> None:
    for entry_id in ("hidden-draft", "nope", "../etc"):
        failed, _, text = call(shared_site, "read", entry_id=entry_id)
        assert failed and "没有编号" in text and "草稿暗号" not in text
    _, data, _ = call(shared_site, "search", query="草稿暗号三七二十一")
    assert "hidden-draft" not in [hit["id"] for hit in data["hits"]]


def test_the_command_has_help() -> None:
    answer = CliRunner().invoke(COMMANDS[0], ["--help"])
    assert answer.exit_code == 0 and "MCP" in answer.output
