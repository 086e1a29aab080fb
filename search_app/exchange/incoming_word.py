"""A Word file -> its blocks in order: headings, paragraphs, lists, tables, pictures. Runs in the worker only.

mammoth turns Word into plain HTML and ignores looks; linked pictures are
never followed. What its author only made bold and short is a heading too:
that is how most offices write theirs.
"""

from __future__ import annotations

import base64
import io
from html.parser import HTMLParser
from typing import Any

import mammoth

from kb.errors import UnreadableDocument

MAX_PICTURES = 20
HEADING_CHARS = 40
STYLE_MAP = """
p[style-name='Title'] => h1:fresh
p[style-name='标题'] => h1:fresh
p[style-name='Subtitle'] => p:fresh
"""


def read(data: bytes) -> dict[str, Any]:
    """Blocks and pictures of the file. Raises UnreadableDocument."""
    pictures: list[list[str]] = []

    def keep(image: Any) -> dict[str, str]:
        with image.open() as source:
            if len(pictures) < MAX_PICTURES:
                encoded = base64.b64encode(source.read()).decode()
                pictures.append([str(image.content_type), encoded])
                return {"src": str(len(pictures) - 1)}
        return {"src": ""}

    try:
        made = mammoth.convert_to_html(
            io.BytesIO(data),
            style_map=STYLE_MAP,
            convert_image=mammoth.images.img_element(keep),
            external_file_access=False,
        )
    except MemoryError:
        raise
    except Exception as error:
        # mammoth raises whatever its XML, zip or path code raises for a damaged file.
        raise UnreadableDocument("Word 文件打不开，可能已经损坏。请另存一份再上传。") from error
    reader = _Blocks()
    reader.feed(made.value)
    return {"blocks": reader.finish(), "pictures": pictures}


class _Blocks(HTMLParser):
    """mammoth's HTML -> blocks. Knows only the dozen tags mammoth writes."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[list[Any]] = []
        self._text = ""
        self._bold = 0
        self._bold_chars = 0
        self._level = 0
        self._rows: list[list[str]] | None = None
        self._depth: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A tag begins."""
        if tag == "br":
            self._text += "\n"
        elif tag == "img":
            self._picture(dict(attrs).get("src") or "")
        elif tag in ("strong", "b"):
            self._bold += 1
        elif tag in ("ul", "ol"):
            self._flush()
            self._depth.append(tag)
        elif tag == "table" and self._rows is None:
            self._flush()
            self._rows = []
        elif tag == "tr" and self._rows is not None:
            self._rows.append([])
        elif tag in ("td", "th") and self._rows:
            self._text = ""
        elif tag == "p" and self._text and self._rows is not None:
            self._text += "\n"
        elif len(tag) == 2 and tag[0] == "h" and tag[1].isdigit():
            self._level = int(tag[1])

    def handle_endtag(self, tag: str) -> None:
        """A tag ends."""
        if tag in ("strong", "b"):
            self._bold -= 1
        elif tag in ("td", "th") and self._rows:
            self._rows[-1].append(self._text.strip())
            self._text, self._bold_chars = "", 0
        elif tag == "table" and self._rows is not None:
            self.blocks.append(["table", self._rows, 0])
            self._rows, self._text, self._bold_chars = None, "", 0
        elif self._rows is None and (tag in ("p", "li") or (len(tag) == 2 and tag[0] == "h")):
            self._flush("item" if tag == "li" else "")
        if tag in ("ul", "ol") and self._depth:
            self._depth.pop()

    def handle_data(self, data: str) -> None:
        """Words."""
        self._text += data
        if self._bold:
            self._bold_chars += len("".join(data.split()))

    def finish(self) -> list[list[Any]]:
        """Everything read."""
        self.close()
        self._flush()
        return self.blocks

    def _picture(self, number: str) -> None:
        if number.isdigit():
            self._flush()
            self.blocks.append(["picture", "", int(number)])

    def _flush(self, kind: str = "") -> None:
        """What was gathered becomes a block; a short bold line counts as a heading of no certain level."""
        text = self._text.strip()
        letters = len("".join(text.split()))
        whole_bold = letters and self._bold_chars >= letters and letters <= HEADING_CHARS and "\n" not in text
        if text:
            if self._level or (whole_bold and not kind):
                self.blocks.append(["heading", text.replace("\n", " "), self._level])
            else:
                self.blocks.append([kind or ("item" if self._depth else "text"), text, 0])
        self._text, self._bold_chars, self._level = "", 0, 0
