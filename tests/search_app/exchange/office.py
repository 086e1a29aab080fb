"""Word files as a reader sees them: laid out by LibreOffice, page by page, word by word."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

TOOLS = ("soffice", "pdftotext")
_WORD = re.compile(r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">(.*?)</word>')
_PAGE = re.compile(r'<page width="([\d.]+)" height="([\d.]+)">(.*?)</page>', re.DOTALL)


@dataclass(frozen=True)
class Word:
    """A stretch of text and the box it fills, in points from the top left of the page."""

    left: float
    top: float
    right: float
    bottom: float
    text: str


@dataclass(frozen=True)
class Page:
    width: float
    height: float
    words: tuple[Word, ...]

    @property
    def text(self) -> str:
        """Everything on the page, without spaces."""
        return "".join(word.text for word in self.words)


def need_office() -> None:
    """Skip on a machine without LibreOffice; in CI that is a failure."""
    missing = [tool for tool in TOOLS if not shutil.which(tool)]
    if missing and os.environ.get("CI"):
        pytest.fail(f"{missing} missing: apt-get install libreoffice-writer poppler-utils fonts-noto-cjk")
    if missing:
        pytest.skip(f"{missing} not installed")


def lay_out(files: dict[str, bytes], folder: Path) -> dict[str, tuple[Page, ...]]:
    """Open Word files with LibreOffice, all in one start of it, and read the pages."""
    need_office()
    for name, content in files.items():
        (folder / f"{name}.docx").write_bytes(content)
    profile = f"-env:UserInstallation=file://{folder}/profile"
    command = ["soffice", "--headless", profile, "--convert-to", "pdf", "--outdir", str(folder)]
    sources = [str(folder / f"{name}.docx") for name in files]
    subprocess.run([*command, *sources], check=True, capture_output=True, timeout=100)
    return {name: _pages(folder / f"{name}.pdf") for name in files}


def _pages(pdf: Path) -> tuple[Page, ...]:
    run = subprocess.run(["pdftotext", "-bbox", str(pdf), "-"], check=True, capture_output=True, timeout=30)
    text = run.stdout.decode("utf-8")
    return tuple(
        Page(float(width), float(height), tuple(_word(match) for match in _WORD.finditer(body)))
        for width, height, body in _PAGE.findall(text)
    )


def _word(match: re.Match[str]) -> Word:
    left, top, right, bottom = (float(match[n]) for n in range(1, 5))
    return Word(left, top, right, bottom, match[5])
