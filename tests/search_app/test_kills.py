"""A hundred deaths while publishing: nothing acknowledged is lost, nothing is torn."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest


@pytest.mark.timeout(150)
@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_hundred_kills_lose_nothing() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.search_app.kills", "100"], capture_output=True, text=True, timeout=140
    )
    assert done.stdout, done.stderr
    report = json.loads(done.stdout.splitlines()[-1])
    assert report == {
        "kills": 100,
        "acknowledged": report["acknowledged"],
        "lost": 0,
        "torn": 0,
        "leftovers": 0,
        "chain_sound": True,
        "searchable": True,
    }, done.stderr
    assert report["acknowledged"] > 50
