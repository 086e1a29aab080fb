"""Policies in time: versions side by side, 按当时规定, digest beside official text, what is out of date."""

from __future__ import annotations

from datetime import date
from itertools import accumulate

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from kb import lineage
from kb.comparing import Row
from kb.errors import EntryNotFound
from kb.schema import parse_date
from kb.types import Entry, Kind
from search_app import context, fulltext, versions

PAGE_CHARS = 12_000
"""Words of articles on one page: with their tags about 60 KB."""

pages = Blueprint("validity", __name__)


@pages.get("/policies/<entry_id>/versions")
def compare(entry_id: str) -> ResponseReturnValue:
    """Two versions of a policy side by side by article; the last two unless others are named."""
    now, local = context.library().snapshot, context.config().local
    family = versions.family_of(_policy(entry_id), now)
    chain = [version.entry for version in family.versions]
    if len(chain) < 2:
        return render_template("validity/single.html", entry=chain[0], version=family.versions[0])
    ids = [entry.id for entry in chain]
    new = max(ids.index(request.args["new"]) if request.args.get("new") in ids else len(ids) - 1, 1)
    old = ids.index(request.args["old"]) if request.args.get("old") in ids[:new] else new - 1
    found = versions.compare(chain[old], chain[new], local)
    sheets = _sheets(found.paired)
    sheet = _number(len(sheets))
    return render_template(
        "validity/versions.html",
        family=family,
        found=found,
        rows=sheets[sheet - 1] if sheets else (),
        sheet=sheet,
        sheets=len(sheets),
    )


@pages.get("/policies/<entry_id>/text")
def text(entry_id: str) -> ResponseReturnValue:
    """Digest and attached official text side by side by article."""
    entry = _policy(entry_id)
    held = fulltext.attached(context.config().local, entry.id)
    if held is None:
        raise EntryNotFound(f"《{entry.title}》还没有附上正式全文")
    digests = {clause.anchor: clause for clause in versions.digest(entry)}
    numbered = {clause.anchor for clause in held.clauses}
    sheets = _by_size([len(clause.text) for clause in held.clauses])
    sheet = _number(len(sheets))
    shown = [held.clauses[at] for at in sheets[sheet - 1]] if sheets else []
    return render_template(
        "validity/text.html",
        entry=entry,
        held=held,
        rows=[(digests.get(clause.anchor), clause) for clause in shown],
        unplaced=[clause for clause in digests.values() if clause.anchor not in numbered],
        sheet=sheet,
        sheets=len(sheets),
    )


@pages.get("/then")
def then() -> ResponseReturnValue:
    """按当时规定: which version of each policy was in force on a day, and what a clause said."""
    typed = request.args.get("on", "").strip()
    day, wrong = _day(typed)
    chosen = _chosen(request.args.get("policy", ""))
    article = request.args.get("article", "")[:8] if chosen else ""
    now = context.library().snapshot
    families = versions.policies(now) if day else ()
    return render_template(
        "validity/then.html",
        typed=typed,
        day=day,
        wrong=wrong,
        chosen=chosen,
        article=article,
        options=now.of_kind(Kind.POLICY),
        reading=versions.clause_on(chosen, article, day, now) if chosen and day else None,
        readings=[lineage.at(family, day) for family in families] if day and not chosen else [],
    )


@pages.get("/validity")
def overview() -> ResponseReturnValue:
    """Families with more than one version, and everything that rests on a superseded text."""
    now = context.library().snapshot
    return render_template(
        "validity/overview.html",
        families=[family for family in versions.policies(now) if len(family.versions) > 1],
        over=[(policy, versions.uses(policy, now)) for policy in versions.superseded(now)],
    )


def _policy(entry_id: str) -> Entry:
    entry = context.library().get(entry_id)
    if entry.kind is not Kind.POLICY:
        abort(404)
    return entry


def _chosen(entry_id: str) -> Entry | None:
    entry = context.library().snapshot.entries.get(entry_id)
    return entry if entry and entry.kind is Kind.POLICY else None


def _day(typed: str) -> tuple[date | None, str]:
    """A day as typed, or what is wrong with it."""
    if not typed:
        return None, ""
    try:
        return parse_date(typed), ""
    except ValueError:
        return None, "日期没有看懂，请写成 2020-05-01 或 2020年5月1日"


def _number(last: int) -> int:
    """The page asked for, within what there is."""
    asked = request.args.get("page", "")
    return min(max(int(asked) if asked.isdecimal() and len(asked) < 6 else 1, 1), max(last, 1))


def _sheets(rows: tuple[Row, ...]) -> list[list[Row]]:
    weights = [sum(len(side.text) for side in (row.old, row.new) if side) for row in rows]
    return [[rows[at] for at in sheet] for sheet in _by_size(weights)]


def _by_size(weights: list[int]) -> list[list[int]]:
    """Places 0, 1, 2 … in sheets of about PAGE_CHARS; each has at least one."""
    sheets: list[list[int]] = []
    for at, total in enumerate(accumulate(weights, initial=0)):
        if at < len(weights):
            number = total // PAGE_CHARS
            if not sheets or number > sheets[-1][0]:
                sheets.append([number])
            sheets[-1].append(at)
    return [sheet[1:] for sheet in sheets]
