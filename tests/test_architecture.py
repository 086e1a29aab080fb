"""The rooms of the house: who may import whom, where each library lives, and how big anything may grow."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("kb", "indexer", "search_app")
MODULE_LINES = 300
FUNCTION_LINES = 40
ARROWS = {
    "kb": {"kb"},
    "indexer": {"indexer", "kb"},
    "search_app": {"search_app", "indexer", "kb"},
}
"""What of ours each package may import."""

TRANSFORMERS = {"indexer/encoder.py", "indexer/rerank.py", "indexer/train.py", "indexer/onnx_export.py"}
HOMES = {
    "yaml": {"kb/frontmatter.py"},
    "markdown_it": {"kb/markdown.py"},
    "nh3": {"kb/markdown.py"},
    "jieba": {"indexer/cutters.py"},
    "rjieba": {"indexer/cutters.py"},
    "whoosh": {"indexer/stock.py", "indexer/lean.py", "indexer/disk.py"},
    "sentence_transformers": TRANSFORMERS,
    "transformers": TRANSFORMERS,
    "torch": TRANSFORMERS,
    "tokenizers": TRANSFORMERS | {"indexer/onnx_encoder.py"},
    "onnxruntime": {"indexer/onnx_encoder.py", "indexer/onnx_export.py"},
    "numkong": {"indexer/bytes.py"},
    "onnx": {"indexer/onnx_export.py"},
    "onnxscript": {"indexer/onnx_export.py"},
    "pypinyin": {"indexer/readings.py", "kb/regulation.py"},
    "opencc": {"indexer/query.py", "indexer/forms.py", "indexer/training_data.py"},
    "flask_login": {"search_app/access.py", "search_app/login.py", "search_app/throttle.py"},
    "flask_limiter": {"search_app/throttle.py"},
    "filelock": {"kb/store.py", "indexer/build.py", "search_app/audit.py"},
    "sqlalchemy": {"search_app/state/*"},
    "PIL": {"search_app/pictures.py"},
    "rapidfuzz": {"search_app/lookalikes.py", "search_app/lookup.py"},
    "limits": {"search_app/pacing.py"},
    "waitress": {"search_app/cli.py"},
}
"""The modules that may know a library; where several do, each needs it for another reason."""
HTTP_ONLY = {"flask", "flask_wtf", "werkzeug", "jinja2", "wtforms", "click", "waitress"}
"""Libraries no room but search_app may know."""
HEAVY = {
    "torch",
    "sentence_transformers",
    "transformers",
    "tokenizers",
    "onnxruntime",
    "onnx",
    "onnxscript",
    "opencc",
    "pypinyin",
    "jieba",
    "rjieba",
    "numkong",
}
"""Imported only inside the function that needs them: nobody should wait for what a command does not use."""
SIDE_EFFECTS = {
    "open",
    "print",
    "read_text",
    "read_bytes",
    "write_text",
    "write_bytes",
    "mkdir",
    "connect",
} | {
    *("getenv", "load", "run", "Popen", "urlopen", "Flask", "Library", "Store", "Thread", "basicConfig"),
}
"""Calls that do something, or wait for something, when a module is merely imported."""


@cache
def trees() -> dict[str, ast.Module]:
    """Every module of the product by its path from the root."""
    files = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
    return {path.relative_to(ROOT).as_posix(): ast.parse(path.read_text(encoding="utf-8")) for path in files}


def imports(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """(top-level name, line) of everything imported anywhere below `tree`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name.split(".")[0], node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield ("." if node.level else (node.module or "").split(".")[0]), node.lineno


def at_import(tree: ast.Module) -> Iterator[ast.AST]:
    """Nodes that run when a module is imported: all but the bodies of functions."""
    waiting: list[ast.AST] = list(tree.body)
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, ast.If) and "__main__" in ast.unparse(node.test):
            continue
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            waiting += getattr(node, "decorator_list", [])
        else:
            waiting += ast.iter_child_nodes(node)


def told(found: list[str]) -> str:
    return "\n" + "\n".join(found)


def test_every_room_is_read() -> None:
    assert {path.split("/")[0] for path in trees()} == set(PACKAGES) and len(trees()) > 40


@pytest.mark.parametrize("package", PACKAGES)
def test_imports_point_one_way(package: str) -> None:
    """search_app -> indexer -> kb, and none of them knows the tests."""
    ours = {*PACKAGES, "tests", "benchmarks", "."}
    wrong = [
        f"{path}:{line} imports {name}"
        for path, tree in trees().items()
        if path.startswith(f"{package}/")
        for name, line in imports(tree)
        if name in ours - ARROWS[package]
    ]
    assert not wrong, told(wrong)


@pytest.mark.parametrize("library", HOMES)
def test_one_library_one_home(library: str) -> None:
    users = {path for path, tree in trees().items() if library in dict(imports(tree))}
    strangers = [path for path in users if not any(fnmatch(path, home) for home in HOMES[library])]
    assert not strangers, told(sorted(strangers))


@pytest.mark.parametrize("package", ["kb", "indexer"])
def test_only_the_application_knows_http_and_the_terminal(package: str) -> None:
    wrong = [
        f"{path}:{line} imports {name}"
        for path, tree in trees().items()
        if path.startswith(f"{package}/")
        for name, line in imports(tree)
        if name in HTTP_ONLY
    ]
    assert not wrong, told(wrong)


def test_heavy_libraries_are_imported_where_they_are_needed() -> None:
    wrong = [
        f"{path}:{line} imports {name} for everybody"
        for path, tree in trees().items()
        for node in at_import(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name, line in imports(node)
        if name in HEAVY
    ]
    assert not wrong, told(wrong)


def test_modules_and_functions_stay_small() -> None:
    big = []
    for path, tree in trees().items():
        lines = len((ROOT / path).read_text(encoding="utf-8").splitlines())
        if lines > MODULE_LINES:
            big.append(f"{path}: {lines} lines, at most {MODULE_LINES}")
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > FUNCTION_LINES:
                    big.append(f"{path}:{node.lineno} {node.name}: {lines} lines, at most {FUNCTION_LINES}")
    assert not big, told(big)


def test_nothing_is_called_utils() -> None:
    vague = {"utils.py", "util.py", "helpers.py", "common.py", "misc.py"}
    assert not [path for path in trees() if path.rsplit("/", 1)[1] in vague]


def test_importing_does_nothing() -> None:
    wrong = []
    for path, tree in trees().items():
        if path.endswith("/__main__.py"):
            continue
        for node in at_import(tree):
            if isinstance(node, ast.Call):
                name = (
                    node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                )
                if name in SIDE_EFFECTS:
                    wrong.append(f"{path}:{node.lineno} calls {name} when imported")
            elif isinstance(node, ast.Attribute) and node.attr == "environ":
                wrong.append(f"{path}:{node.lineno} reads the environment when imported")
    assert not wrong, told(wrong)


def test_importing_opens_no_file_of_ours() -> None:
    """What the list of calls may miss: Python itself tells which files are opened."""
    names = [path.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for path in trees()]
    names = [name for name in names if not name.endswith("__main__")]
    program = f"""
import importlib, os, sys
opened = []
def watch(event, args):
    path = os.path.abspath(args[0]) if event == "open" and isinstance(args[0], str) else ""
    code = path.endswith(".py") or "__pycache__" in path or "/.venv" in path
    if path.startswith({str(ROOT)!r} + os.sep) and not code:
        opened.append(path)
sys.addaudithook(watch)
for name in {names!r}:
    try:
        importlib.import_module(name)
    except ModuleNotFoundError as missing:
        if missing.name.split(".")[0] in {PACKAGES!r}:
            raise
print("\\n".join(opened))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "", done.stdout
