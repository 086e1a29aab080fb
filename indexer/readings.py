"""How Chinese is read aloud: the readings of pypinyin without tones, in three megabytes instead of fifty.

    table().read("党费") == ("dang", "fei")

The table is a text beside the models and reads every text exactly as pypinyin
does; `python -m indexer.readings` writes it anew from the pypinyin installed.
"""

from __future__ import annotations

import re
from array import array
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from pathlib import Path

TABLE = Path(__file__).resolve().parent / "models" / "readings.txt"


class Readings:
    """Characters and phrases with their syllables.

    A phrase is kept under its first character, without it, in one sorted text
    for each: ` 可 小心=bu.xiao.xin `. A reading is written down only where the
    single characters do not give it.
    """

    def __init__(self, written: str) -> None:
        """From the text that `compiled` gives: a note, the Han characters, syllables, phrases."""
        _, han, syllables, phrases = written.split("\n\n")
        self._runs = re.compile(f"([{han}]+)|[^{han}]+")
        self._syllables = [""]
        self._numbers = array("H", bytes(2 * (1 + max(map(ord, syllables)))))
        for line in syllables.splitlines():
            syllable, chars = line.split(" ")
            for char in chars:
                self._numbers[ord(char)] = len(self._syllables)
            self._syllables.append(syllable)
        self._phrases = {line[0]: line[1:] + " " for line in phrases.splitlines()}

    def read(self, text: str) -> tuple[str, ...]:
        """A syllable for each Chinese character; what stands between them in one piece, ü as v."""
        found: list[str] = []
        for run in self._runs.finditer(text):
            if run[1]:
                self._spell(run[1], found)
            else:
                found.append(run[0].replace("ü", "v"))
        return tuple(found)

    def _spell(self, run: str, found: list[str]) -> None:
        """The longest phrase from where we are, then from its end, as pypinyin cuts."""
        at = 0
        while at < len(run):
            end, reading, open_end = self._longest(run, at)
            if open_end and end == at:  # pypinyin then looks for no phrase in the rest either
                end, reading = len(run), ""
            end = max(end, at + 1)
            found += reading.split(".") if reading else map(self._single, run[at:end])
            at = end

    def _longest(self, run: str, at: int) -> tuple[int, str, bool]:
        """(end of the longest phrase, its own reading if any, whether all the rest begins some phrase)."""
        phrases = self._phrases.get(run[at], "")
        best, reading, place = at, "", 0
        for end in range(at + 2, len(run) + 1):
            rest = " " + run[at + 1 : end]
            place = phrases.find(rest, place)  # what is sorted by its beginnings is found further on
            if place < 0:
                return best, reading, False
            after = place + len(rest)
            if phrases[after] in " =":
                best = end
                reading = phrases[after + 1 : phrases.index(" ", after)] if phrases[after] == "=" else ""
        return best, reading, bool(phrases)

    def _single(self, char: str) -> str:
        number = self._numbers[ord(char)] if ord(char) < len(self._numbers) else 0
        return self._syllables[number] if number else char


@cache
def table() -> Readings:
    """The table that comes with us, read at first need."""
    return Readings(TABLE.read_text(encoding="utf-8"))


def compiled() -> str:
    """What pypinyin knows as the text of a table. Takes a second and fifty megabytes."""
    from pypinyin import Style, __version__
    from pypinyin.constants import PHRASES_DICT, PINYIN_DICT, RE_HANS
    from pypinyin.style import convert

    def plain(reading: str) -> str:
        return str(convert(reading, Style.NORMAL, True)).replace("ü", "v")

    single = {chr(code): plain(readings.split(",")[0]) for code, readings in PINYIN_DICT.items()}
    by_syllable: defaultdict[str, str] = defaultdict(str)
    for char, syllable in sorted(single.items()):
        by_syllable[syllable] += char
    phrases: defaultdict[str, list[str]] = defaultdict(list)
    for phrase, readings in sorted(PHRASES_DICT.items()):
        own = [plain(reading[0]) for reading in readings]
        regular = own == [single.get(char) for char in phrase]
        phrases[phrase[0]].append(phrase[1:] + ("" if regular else "=" + ".".join(own)))
    return "\n\n".join(
        (
            f"Readings of pypinyin {__version__} (readings.LICENSE.txt), by python -m indexer.readings",
            RE_HANS.pattern.removeprefix("^(?:[").removesuffix("])+$"),
            _lines(f"{syllable} {chars}" for syllable, chars in sorted(by_syllable.items())),
            _lines(f"{first} {' '.join(rests)}" for first, rests in phrases.items()) + "\n",
        )
    )


def _lines(found: Iterable[str]) -> str:
    return "\n".join(found)


if __name__ == "__main__":
    TABLE.write_text(compiled(), encoding="utf-8", newline="\n")
