"""Counts at an election and at the admission of a member. Whole people, so bounds are rounded up."""

from __future__ import annotations

from dataclasses import dataclass

from kb.rules import clauses
from kb.types import Citation


@dataclass(frozen=True, slots=True)
class Count:
    """The fewest people that satisfy a clause."""

    name: str
    least: int
    how: str
    """The sum in words."""
    rules: tuple[Citation, ...]


def candidates(seats: int) -> Count:
    """Fewest candidates for `seats`: a fifth more, rounded up (3 -> 4, 5 -> 6, 6 -> 8)."""
    more = -(-seats // 5)
    return Count(
        "委员候选人", seats + more, f"应选{seats}名，差额20%即至少多{more}名", (clauses.ELECTION_MARGIN,)
    )


def election_quorum(entitled: int) -> Count:
    """Fewest present for a valid election: four fifths of those entitled and due, rounded up."""
    least = -(-entitled * 4 // 5)
    return Count(
        "选举大会到会", least, f"应到{entitled}人的五分之四，不足一人进一", (clauses.ELECTION_QUORUM,)
    )


def admission_quorum(entitled: int) -> Count:
    """Fewest present to discuss an admission: more than half, so exactly half is not enough."""
    return Count(
        "接收、转正大会到会", entitled // 2 + 1, f"超过应到{entitled}人的半数", (clauses.DEV_MEETING,)
    )


def admission_votes(entitled: int) -> Count:
    """Fewest votes for an admission: more than half of those due to come, written opinions counted."""
    return Count(
        "接收、转正赞成票",
        entitled // 2 + 1,
        f"超过应到会有表决权党员{entitled}人的半数；会前正式书面意见计入票数",
        (clauses.DEV_VOTE,),
    )


def meeting_votes(entitled: int) -> Count:
    """Fewest votes for a resolution of the branch meeting: more than half of those due to come."""
    return Count(
        "党员大会一般表决赞成票",
        entitled // 2 + 1,
        f"超过应到会有表决权党员{entitled}人的半数",
        (clauses.BRANCH_MEETING,),
    )
