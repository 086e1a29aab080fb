"""A saved lexicon takes effect in the running server, while readers go on searching with the old one."""

from __future__ import annotations

import logging
import threading

from indexer.library import Library
from kb.errors import SetupError

_log = logging.getLogger(__name__)


class LexiconEffect:
    """Brings the words on disk into use, one after the other, in a thread."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._under_way: threading.Thread | None = None

    @property
    def under_way(self) -> bool:
        """True while readers still search with the old words."""
        return self._under_way is not None and self._under_way.is_alive()

    def begin(self) -> None:
        """Start; a server that is stopped meanwhile reads the new words when it starts again."""
        self._under_way = threading.Thread(target=self._run, daemon=True, name="lexicon")
        self._under_way.start()

    def wait(self) -> None:
        """Until the new words are in use."""
        if self._under_way is not None:
            self._under_way.join()

    def _run(self) -> None:
        try:
            self._library.reload_lexicon()
        except SetupError as error:
            _log.warning("the new lexicon waits for the next start: %s", error)
