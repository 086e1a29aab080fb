"""How often one reader may do what costs others time."""

from __future__ import annotations

from search_app.pacing import Pace


def test_everybody_has_their_own_count_for_every_action() -> None:
    pace = Pace()
    assert [pace.allows("ask", "1.2.3.4", "2/hour") for _ in range(3)] == [True, True, False]
    assert pace.allows("ask", "1.2.3.5", "2/hour") and pace.allows("feedback", "1.2.3.4", "2/hour")
    assert Pace().allows("ask", "1.2.3.4", "2/hour")
