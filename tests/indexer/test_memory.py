"""What is freed goes back to the system, where its C library can do that."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

from indexer.memory import give_back

PROGRAM = """
from pathlib import Path
from indexer.memory import give_back

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

blocks = [bytes([1]) * 60_000 for _ in range(2_000)]
keeps_all_below_it = blocks[-1]
del blocks
before = resident()
give_back()
print(before - resident())
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="glibc only")
def test_holes_below_what_is_still_used_go_back() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 60 << 20


def test_asking_is_safe_everywhere() -> None:
    assert give_back() in (True, False)
