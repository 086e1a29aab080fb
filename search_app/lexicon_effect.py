"""A saved lexicon takes effect in the running server, while readers go on searching with the old one.

Proposed for the library itself as `Library.reload_lexicon()`, which is used
here as soon as it exists. Until then a second library is opened over the same
index folder, which builds the index anew beside the old one, and the running
library moves into its room.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from indexer.library import Library, Settings
from kb.errors import SetupError

_log = logging.getLogger(__name__)


class LexiconEffect:
    """Brings the words on disk into use, one after the other, in a thread."""

    def __init__(self, library: Library, settings: Settings) -> None:
        self._library = library
        self._settings = settings
        self._one_at_a_time = threading.Lock()
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
        with self._one_at_a_time:
            try:
                reload_lexicon(self._library, self._settings)
            except SetupError as error:
                _log.warning("the new lexicon waits for the next start: %s", error)


def reload_lexicon(library: Library, settings: Settings) -> None:
    """Read the word lists again and index with them. Raises SetupError; the old words then stay in use."""
    own: Callable[[], None] | None = getattr(library, "reload_lexicon", None)
    if own is not None:
        own()
        return
    fresh = Library.open(settings)
    library._enter(fresh._room)
    library.lexicon = fresh.lexicon
