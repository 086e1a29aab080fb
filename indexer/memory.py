"""Memory that was freed goes back to the system."""

from __future__ import annotations

import ctypes


def give_back() -> bool:
    """Return what the C library keeps of freed memory, where it is glibc; true when there was any.

    A fold makes the next snapshot beside the one in use, and what it replaces leaves holes all over the heap:
    a server grew by a fourteenth over 36,000 pages.
    """
    try:
        return bool(ctypes.CDLL(None).malloc_trim(0))
    except (AttributeError, OSError, TypeError):
        return False
