"""What a new case will be linked to: the problem or the clause whose page asked for it."""

from __future__ import annotations

from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from indexer.snapshot import Snapshot
from kb import markdown
from kb.numerals import article_label
from kb.types import Draft, Entry, Kind


@dataclass(frozen=True, slots=True)
class Linked:
    """A field of the form that is filled in already, and what to say about it."""

    name: str
    value: str
    label: str
    entry: Entry
    anchor: str = ""


def read(args: MultiDict[str, str], now: Snapshot) -> tuple[tuple[str, str], ...]:
    """`problem` and `rule` of an address -> fields of a draft; what is not in the collection is dropped."""
    asked = Draft(Kind.CASE, "", (("related", args.get("problem", "")), ("citations", args.get("rule", ""))))
    return tuple((linked.name, linked.value) for linked in shown(asked, now))


def shown(draft: Draft, now: Snapshot) -> tuple[Linked, ...]:
    """The links of a draft, as far as they lead somewhere."""
    found = []
    problem = now.entries.get(draft.get("related"))
    if problem and problem.kind is Kind.PROBLEM:
        found.append(Linked("related", problem.id, f"回答的问题：{problem.title}", problem))
    policy_id, _, anchor = draft.get("citations").partition("#")
    policy = now.entries.get(policy_id)
    if policy and policy.kind is Kind.POLICY and _has(policy, anchor):
        label = f"依据的条文：《{policy.title}》{article_label(anchor)}"
        found.append(Linked("citations", f"{policy.id}#{anchor}", label, policy, anchor))
    return tuple(found)


def _has(policy: Entry, anchor: str) -> bool:
    return bool(anchor) and any(part.anchor == anchor for part in markdown.sections(policy.body))
