"""How often one reader may do what costs others time: asking, giving feedback.

Counted in memory, because one process serves; a restart forgives. Guessing
passwords is slowed down elsewhere (`throttle`), where only failures count.
"""

from __future__ import annotations

from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter


class Pace:
    """Counts by action and by whoever acts."""

    def __init__(self) -> None:
        self._counter = MovingWindowRateLimiter(MemoryStorage())

    def allows(self, action: str, who: str, rate: str) -> bool:
        """Count one more `action` by `who`; False once they did more than `rate`, e.g. "20/hour"."""
        return self._counter.hit(parse(rate), action, who)
