"""Settings of the property tests."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("house", deadline=None)  # a busy machine is not a defect; pytest has its own limit
settings.load_profile("house")
