"""How property tests draw: the same examples at every run of the gate, new ones on demand."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# The gate answers for the change at hand; a rare example found there would blame the wrong one.
settings.register_profile("gate", derandomize=True, deadline=None)
settings.register_profile(
    "wide", max_examples=3000, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("gate")
