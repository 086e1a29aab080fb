"""YAML header <-> plain fields. The only module that knows YAML.

Every scalar is read as text (so `no`, `12:30` and `010` stay what was typed);
dates and enumerations are the schema's business. Python-frontmatter was tried:
it returns an empty header for a file with a byte order mark and for an
unclosed one, silently, so the split is done here and each such case is named.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeAlias

import yaml

from kb.types import Finding

MAX_HEADER_CHARS = 64_000
"""A header longer than this is not one; it also bounds what YAML may be made to do."""
MAX_DEPTH = 8
"""Levels of lists and mappings; an entry needs three."""
MAX_FILE_BYTES = 1_000_000
"""Larger files are not entries; the longest regulation digest is about 60 KB."""

Header: TypeAlias = dict[str, Any]

_FENCE = re.compile(r"^---[ \t]*$", re.MULTILINE)
_CONFLICT = re.compile(r"^(<{7} |>{7} )", re.MULTILINE)
"""The marks nothing else looks like; a line of seven = also underlines a heading."""


_Base = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
"""libyaml's reader where it is compiled in: ten times faster, same result."""


class _Loader(_Base):  # type: ignore[misc, valid-type]
    """Text-only scalars; duplicate keys and aliases are mistakes, not features."""


def _mapping(loader: _Loader, node: yaml.MappingNode) -> Header:
    result: Header = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if not isinstance(key, str):
            raise yaml.constructor.ConstructorError(None, None, "字段名必须是文字", key_node.start_mark)
        if key in result:
            raise yaml.constructor.ConstructorError(None, None, f"字段“{key}”写了两次", key_node.start_mark)
        result[key] = loader.construct_object(value_node, deep=True)
    return result


_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)


class FlowList(list[str]):
    """A short list written on one line: `[党费, 催缴]`."""


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        """One date used for two fields is still written twice: readers refuse references."""
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _quoted(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    """Text as YAML; line ends of other scripts must be escaped, unescaped they come back as blanks."""
    style = '"' if set(text) & set("\x85\u2028\u2029") else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style)


_Dumper.add_representer(str, _quoted)
_Dumper.add_representer(
    FlowList,
    lambda dumper, value: dumper.represent_sequence("tag:yaml.org,2002:seq", value, flow_style=True),
)


def decode(raw: bytes) -> tuple[str, list[Finding]]:
    """Bytes of a file -> text with LF line ends, and what was odd about them.

    Reads UTF-8 (with or without byte order mark), then GB18030, as Windows
    editors write them. Nothing is guessed silently: a finding tells.
    """
    if len(raw) > MAX_FILE_BYTES:
        return "", [
            Finding("too-large", f"文件有 {len(raw) // 1024} KB，超过条目上限 {MAX_FILE_BYTES // 1024} KB")
        ]
    findings = []
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        try:
            text = raw.decode("gb18030")
        except UnicodeDecodeError:
            return "", [Finding("encoding", "文件不是 UTF-8，也不是 GB18030 编码，请另存为 UTF-8")]
        findings.append(Finding("encoding-gb18030", "文件是 GB18030 编码，下次保存会改为 UTF-8", fatal=False))
    if "\x00" in text:
        return "", [Finding("binary", "这不是文本文件")]
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n"), findings


def split(text: str) -> tuple[Header, str, list[Finding]]:
    """Text of a file -> (header, body, findings); a fatal finding leaves the header empty."""
    if not text.strip():
        return {}, "", [Finding("empty", "文件是空的")]
    if _CONFLICT.search(text):
        return {}, text, [Finding("git-conflict", "文件里有没解决的 git 冲突标记（<<<<<<<），请先处理")]
    fences = list(_FENCE.finditer(text))
    if not fences or text[: fences[0].start()].strip():
        return {}, text, [Finding("no-header", "开头缺少 --- 包起来的字段区")]
    if len(fences) < 2:
        return {}, text, [Finding("unclosed-header", "字段区只有开头的 ---，没有结尾的 ---")]
    head = text[fences[0].end() : fences[1].start()]
    body = text[fences[1].end() :].strip("\n")
    header, findings = parse_header(head)
    return header, _tidy(body), findings


def parse_header(head: str) -> tuple[Header, list[Finding]]:
    """YAML text -> fields as text, lists and mappings; mistakes become one finding with the line."""
    if len(head) > MAX_HEADER_CHARS:
        return {}, [Finding("header-too-long", "字段区过长")]
    try:
        if refused := _refused(head):
            return {}, [refused]
        # A BaseLoader subclass: builds only str, list and dict, never objects.
        header = yaml.load(head, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        line = (error.problem_mark.line + 1) if error.problem_mark else 0
        return {}, [Finding("yaml", f"字段区第 {line} 行写法有误：{error.problem or '无法读取'}")]
    except (yaml.YAMLError, ValueError, RecursionError):
        return {}, [Finding("yaml", "字段区写法有误，无法读取")]
    if not isinstance(header, dict):
        return {}, [Finding("yaml", "字段区应当是一行一个“字段: 内容”")]
    return header, []


def _refused(head: str) -> Finding | None:
    """Constructs that are valid YAML and no header: references, and nesting that could exhaust the stack."""
    depth = 0
    for event in yaml.parse(head, Loader=_Loader):
        if isinstance(event, yaml.AliasEvent):
            return Finding("yaml-alias", "字段区不支持 YAML 的 * 引用")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            return Finding("yaml-depth", "字段区嵌套太深")
    return None


def join(header: Mapping[str, Any], body: str) -> str:
    """Fields in the given order and a body -> the text of a file; inverse of `split`."""
    head = yaml.dump(dict(header), Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=10**6)
    body = _tidy(body)
    return f"---\n{head}---\n\n{body}\n" if body else f"---\n{head}---\n"


def _tidy(body: str) -> str:
    """No blank lines at either end and no trailing spaces: what makes the second save byte-identical."""
    return "\n".join(line.rstrip() for line in body.split("\n")).strip("\n")
