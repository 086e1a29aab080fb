"""Links in an entry's own words to policies no longer in force get their mark where they stand."""

from __future__ import annotations

import re

from indexer.snapshot import Snapshot
from search_app import links

MARK = '<span class="badge over">已失效</span>'


class Resolver:
    """Resolves the links of one text and remembers which of them lead to texts no longer in force."""

    def __init__(self, now: Snapshot) -> None:
        self._now = now
        self._over: set[str] = set()

    def __call__(self, link: str) -> str:
        """The address of an internal link, as `links.resolve` gives it."""
        url = links.resolve(link, self._now)
        entry = self._now.entries.get(link.partition("#")[0])
        if url and entry and entry.validity and entry.validity.superseded:
            self._over.add(url)
        return url

    def mark(self, html: str) -> str:
        """The text with 已失效 behind each of those links."""
        if not self._over:
            return html
        urls = "|".join(re.escape(url) for url in sorted(self._over))
        return re.sub(rf'<a href="(?:{urls})"[^>]*>.*?</a>', rf"\g<0>{MARK}", html, flags=re.DOTALL)
