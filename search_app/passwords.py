"""Passwords: what may be one, how it is kept, and the one-time ones handed out.

Kept as scrypt, never as written. Length counts and common words are refused;
there are no rules about capitals and signs, which only lead to `Dangjian@123`.
"""

from __future__ import annotations

import re
import secrets
import threading
from functools import cache
from pathlib import Path

from werkzeug.security import check_password_hash, generate_password_hash

SCRYPT = "scrypt:32768:8:1"
"""32 MiB and about 0.2 s for one hash."""
AT_ONCE = 2
"""Hashes computed at the same time; a flood of logins waits instead of filling the memory."""
MIN_CHARS = 8
MAX_CHARS = 128
ONE_TIME_GROUPS = 4
ONE_TIME_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without i, l, o, 0 and 1: a one-time password is read out over the telephone."""
WORDS = Path(__file__).parent / "data" / "common_passwords.txt"

_EDGES = re.compile(r"^[\W\d_]+|[\W\d_]+$")
_DATE = re.compile(r"(?:19|20)\d{6}")


class Passwords:
    """Hashes and compares. `method` is Werkzeug's; tests pass a cheap one."""

    def __init__(self, method: str = SCRYPT) -> None:
        self._method = method
        self._turns = threading.BoundedSemaphore(AT_ONCE)
        self._nobody = ""

    def hash(self, password: str) -> str:
        """The form in which a password is kept."""
        with self._turns:
            return generate_password_hash(password, self._method)

    def matches(self, kept: str, password: str) -> bool:
        """True for the right password; without `kept` a hash is computed all the same, and it is False."""
        if not self._nobody:
            self._nobody = self.hash(secrets.token_hex(8))
        with self._turns:
            right = check_password_hash(kept or self._nobody, password[: MAX_CHARS + 1])
        return right and bool(kept)

    def outdated(self, kept: str) -> bool:
        """True for a hash of another method or cost than today's."""
        return not kept.startswith(f"{self._method}$")


def one_time() -> str:
    """A random password to hand out once: `k7mf-p2xw-9hq3-vdte`, 79 bits."""
    groups = ("".join(secrets.choice(ONE_TIME_LETTERS) for _ in range(4)) for _ in range(ONE_TIME_GROUPS))
    return "-".join(groups)


def weakness(password: str, name: str = "") -> str:
    """Why this may not be somebody's password, in words for them; empty when it may."""
    if len(password) < MIN_CHARS:
        return f"密码至少要 {MIN_CHARS} 个字符，长一些更稳妥，可以用一句话"
    if len(password) > MAX_CHARS:
        return f"密码最多 {MAX_CHARS} 个字符"
    folded = password.casefold().strip()
    bare = _EDGES.sub("", folded)
    if name and name in (folded, bare):
        return "密码不能是登录名，也不能只在登录名前后加数字"
    if folded in common() or bare in common() or _DATE.fullmatch(folded) or len(set(folded)) <= 2:
        return "这个密码太常见，一猜就中，请换一个"
    return ""


@cache
def common() -> frozenset[str]:
    """Words that are tried first by anybody who guesses; also refused with digits or signs around them."""
    lines = WORDS.read_text(encoding="utf-8").split("\n")
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())
