"""README and documents say what is there: the map, the commands, the settings, the fields."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from kb.schema import FIELDS
from search_app.cli import main

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_readme_holds_the_map_of_every_module() -> None:
    expected = load(ROOT / "docs" / "map.py").text()
    assert expected in README, "run `python docs/map.py` and put its output into README"


@pytest.mark.parametrize("command", sorted(main.commands))
def test_readme_names_every_command(command: str) -> None:
    assert f"`kb {command}" in README


def test_readme_names_every_setting() -> None:
    used = set(
        re.findall(r"\"(KB_[A-Z_]+)\"", (ROOT / "search_app" / "config.py").read_text(encoding="utf-8"))
    )
    assert used and all(f"`{name}`" in README for name in used)


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
def test_content_guide_names_every_field(field: object) -> None:
    guide = (ROOT / "docs" / "content-guide.md").read_text(encoding="utf-8")
    assert re.search(rf"\b{field.name}\b", guide)  # type: ignore[attr-defined]


def test_links_between_documents_lead_somewhere() -> None:
    for document in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))):
        for target in re.findall(r"\]\(([^)#]+\.(?:md|png))\)", document.read_text(encoding="utf-8")):
            if "example" not in target:
                assert (document.parent / target).exists(), f"{document.name}: {target}"


def test_no_machine_paths_in_text_files() -> None:
    for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), ROOT / "constraints.txt", ROOT / "Makefile"]:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"(?<!\w)/(?:root|home|Users|tmp|w[a-z]+k)/", text), path.name
