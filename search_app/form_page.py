"""The page of a form: everything the template needs, from a sheet and what is to be said about it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from flask import render_template, request, url_for

from kb.errors import EntryNotFound
from kb.sides import Row
from kb.types import Entry, Finding, Grade, Kind
from search_app import access, context, filing, lookup, reading
from search_app.forms import layout, words
from search_app.forms.sheet import Cited, Mode, Part, Sheet, Target
from search_app.lookalikes import LookAlike
from search_app.state.submissions import Remark, Standing

HEADINGS = {
    Kind.CASE: "添加案例",
    Kind.PROBLEM: "添加问题",
    Kind.HANDBOOK: "添加流程",
    Kind.POLICY: "添加制度",
}
LEADS = {
    Kind.CASE: "把您那里做成的一件事写下来。",
    Kind.PROBLEM: "把支部里遇到的烦心事和解决办法写下来。",
    Kind.HANDBOOK: "把一项工作从头到尾怎么办写下来。",
    Kind.POLICY: "把一份制度逐条用自己的话写下来，写明文号和效力。",
}
_NEW_PAGES = {
    kind: f"contributing.new_{name}"
    for kind, name in (
        (Kind.CASE, "case"),
        (Kind.PROBLEM, "problem"),
        (Kind.HANDBOOK, "handbook"),
        (Kind.POLICY, "policy"),
    )
}


@dataclass(frozen=True, slots=True)
class Concerns:
    """What its author must look at before a form is handed in, and the marks that say it was looked at."""

    private: tuple[Finding, ...] = ()
    private_mark: str = ""
    alike: tuple[LookAlike, ...] = ()
    alike_mark: str = ""


@dataclass(frozen=True, slots=True)
class Clash:
    """Somebody published another text meanwhile: theirs and ours, line by line."""

    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """What a form page says besides the form."""

    findings: tuple[Finding, ...] = ()
    concerns: Concerns | None = None
    clash: Clash | None = None
    preview: Entry | None = None
    notice: str = ""
    at: str = ""
    """Id of the element to look at first."""


@dataclass(frozen=True, slots=True)
class Section:
    """A section as the template draws it."""

    part: Part
    name: str
    label: str
    hint: str
    example: str
    required: bool


@dataclass(frozen=True, slots=True)
class CitedRow:
    """A citation with the clause it names, as far as readers can see it."""

    cited: Cited
    rule: lookup.Rule | None


def show(sheet: Sheet, said: Said | None = None) -> str:
    """The page."""
    said = said or Said()
    library = context.library()
    now = library.snapshot
    asked_rule, asked_entry = request.form.get("find-rule", ""), request.form.get("find-entry", "")
    return render_template(
        "contributing/form.html",
        sheet=sheet,
        said=said,
        wrong={finding.field: finding.message for finding in reversed(said.findings)},
        action=address(sheet.target),
        heading=_heading(sheet),
        lead=LEADS[sheet.kind] if sheet.target.mode is Mode.NEW else "",
        first=layout.first(sheet.kind),
        last=layout.last(sheet.kind),
        folded=layout.folded(sheet.kind),
        sections=tuple(_section(sheet.kind, part) for part in sheet.parts),
        step_example=words.STEP_EXAMPLE,
        grades=tuple(Grade),
        citations=tuple(CitedRow(cited, lookup.rule(cited.ref, now)) for cited in sheet.citations),
        related=tuple((id, now.entries.get(id)) for id in sheet.related),
        filed=context.services().attachments.filed(sheet.attachments),
        limits=filing,
        asked_rule=asked_rule,
        asked_entry=asked_entry,
        rule_offers=lookup.rules(asked_rule, library),
        entry_offers=lookup.entries(asked_entry, library, frozenset({sheet.id, *sheet.related})),
        preview=_preview(said.preview),
        remark=_remark(sheet.target),
        unfinished=_unfinished(sheet) if sheet.target.mode is Mode.NEW and request.method == "GET" else 0,
    )


def address(target: Target) -> str:
    """Where a form is sent, and where it can be opened."""
    if target.mode is Mode.NEW:
        return url_for(_NEW_PAGES[Kind(target.key)])
    if target.mode is Mode.CHANGE:
        return url_for("contributing.edit", entry_id=target.key)
    return url_for("contributing.again", submission_id=target.key)


def _heading(sheet: Sheet) -> str:
    if sheet.target.mode is Mode.NEW:
        return HEADINGS[sheet.kind]
    if sheet.target.mode is Mode.AGAIN:
        return "修改后重新提交"
    try:
        return f"修改：{context.library().get(sheet.id).title}"
    except EntryNotFound:
        return "修改条目"


def _remark(target: Target) -> Remark | None:
    """What the reviewer who returned a submission asked for; None where nobody did."""
    if target.mode is not Mode.AGAIN:
        return None
    found = context.services().submissions.remarks(target.key)
    return next((one for one in reversed(found) if one.what == Standing.RETURNED), None)


def _unfinished(sheet: Sheet) -> int:
    """How many other forms this person has left half-way."""
    return sum(draft.id != sheet.number for draft in context.services().drafts.of(access.person().id))


def _section(kind: Kind, part: Part) -> Section:
    name = layout.field_of(part)
    label, hint, example = words.about(kind, f"s-{part.heading or layout.BODY}")
    if not part.heading and kind is not Kind.POLICY:
        label, hint, example = "正文", "", ""
    heading = label or part.heading
    required = name in layout.NEEDED[kind]
    return Section(part, name, heading, hint, "" if part.raw and part.text else example, required)


def _preview(entry: Entry | None) -> dict[str, Any] | None:
    """What the templates of reading need, for an entry that readers do not see yet."""
    if entry is None:
        return None
    return reading.shown(replace(entry, id=entry.id), context.library().snapshot)
