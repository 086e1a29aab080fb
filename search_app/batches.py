"""A list of problems, row by row -> entries, published together once a reviewer says so.

Ids and texts are settled when the list is handed in: publishing again after a
crash finds the rows already written and goes on with the others. A row is
written whole or not at all, and readers see the list when all of it is there.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from indexer.snapshot import Snapshot, key
from kb import markdown, schema
from kb.errors import EntryNotFound, KbError
from kb.types import ORGANISATIONS, Category, Entry, Finding, Kind, ProblemSource, Publication, Step
from search_app import publishing
from search_app.access import Person
from search_app.exchange import placing, rows
from search_app.exchange.rows import Row
from search_app.forms import plain
from search_app.services import Services
from search_app.state.imports import Stage, Upload

REPORT_EVERY = 10
"""Rows written between two reports of progress."""
THREAD = "list-"
"""Begin of the name of a thread that publishes a list."""
EXAMPLES: tuple[dict[str, str], ...] = (
    {
        "title": "外出党员长期不参加组织生活",
        "description": "党员外出务工半年以上，组织生活缺席，支部没有补学记录。",
        "category": "基本活动",
        "source": "日常运行",
        "organisations": "农村、社区",
        "causes": "没有登记外出去向，不知道用什么方式参加。",
        "advice": "先登记去向和联系方式，再约定线上或就近参加的办法。",
        "steps": "登记外出党员：姓名、去向、联系方式。\n约定参加方式。\n按月核对补学记录。",
        "who": "组织委员",
        "when": "一个月内",
        "keep": "外出党员登记表、补学记录",
        "notes": "流动党员的组织关系按规定办理。",
        "tags": "流动党员、组织生活",
        "aliases": "党员在外地打工不回来开会怎么办\n外出党员缺课怎么补",
    },
)
"""The row of the template that shows how it is filled."""


def to_entry(values: Mapping[str, str], entry_id: str, today: date) -> Entry:
    """A row of a list -> a problem, as if it had been typed into the form."""
    categories = tuple(Category)
    sources = tuple(ProblemSource)
    return Entry(
        id=entry_id,
        kind=Kind.PROBLEM,
        title=values["title"],
        category=values.get("category", "") if values.get("category") in categories else "",
        source=values.get("source", "") if values.get("source") in sources else "",
        organisations=tuple(o for o in rows.parts(values.get("organisations", "")) if o in ORGANISATIONS),
        tags=tuple(rows.parts(values.get("tags", ""))),
        aliases=tuple(line.strip() for line in values.get("aliases", "").splitlines() if line.strip()),
        provenance="由 Excel 问题清单导入",
        publication=Publication.PUBLISHED,
        created=today,
        updated=today,
        body=_body(values),
    )


def _body(values: Mapping[str, str]) -> str:
    """The sections of a problem in their order; who, when and what to keep stand with every step."""
    steps = [
        Step(
            *(plain.escape(text) for text in (step.action, step.detail)),
            *(plain.escape(values.get(name, "").replace("\n", " ")) for name in ("who", "when", "keep")),
        )
        for step in placing.steps(values.get("steps", ""))
    ]
    texts = {
        "问题描述": plain.to_markdown(values.get("description", "") or values["title"]),
        "原因分析": plain.to_markdown(values.get("causes", "")),
        "解决建议": plain.to_markdown(values.get("advice", "")),
        "实施步骤": markdown.render_steps(tuple(steps)),
        "注意事项": plain.to_markdown(values.get("notes", "")),
    }
    order = schema.SECTIONS[Kind.PROBLEM]
    return "\n\n".join(f"## {heading}\n\n{texts[heading]}" for heading in order if texts[heading])


def new_ids(count: int, today: date) -> list[str]:
    """Ids for the rows of one list, in their order."""
    return [f"problem-{today:%Y%m%d}-{secrets.token_hex(4)}" for _ in range(count)]


def against_collection(found: Iterable[Row], now: Snapshot) -> dict[int, tuple[Finding, ...]]:
    """Row number -> what the collection has already under that title or question."""
    told: dict[int, tuple[Finding, ...]] = {}
    for row in found:
        same = now.entries.get(now.exact.get(key(row.values.get("title", "")), ""))
        if same is not None:
            message = f"库里已经有“{same.title}”"
            told[row.number] = (Finding("exists", message, "title", fatal=False),)
    return told


def hand_in(services: Services, author: Person, upload: Upload, chosen: Iterable[Row], today: date) -> Upload:
    """The author's choice of rows waits for a reviewer. Raises ImportMoved."""
    picked = list(chosen)
    ids = new_ids(len(picked), today)
    settled = [{"id": i, "values": dict(row.values)} for i, row in zip(ids, picked, strict=True)]
    services.imports.decide(upload.id, {**upload.payload, "settled": settled, "on": today.isoformat()})
    moved = services.imports.move(upload.id, Stage.READ, Stage.WAITING, total=len(picked))
    services.audit.append(author.name, "list-submitted", upload.id, note=f"{len(picked)} 行")
    return moved


def handed_in(upload: Upload, found: Iterable[Row]) -> tuple[Row, ...]:
    """Those rows of the list that its author handed in; the others nobody has to look at again."""
    picked = {tuple(sorted(row["values"].items())) for row in upload.payload.get("settled", ())}
    return tuple(row for row in found if row.usable and tuple(sorted(row.values.items())) in picked)


def entries(upload: Upload) -> list[Entry]:
    """What publishing the list will write."""
    settled: list[dict[str, Any]] = list(upload.payload.get("settled", ()))
    on = date.fromisoformat(str(upload.payload.get("on", "2000-01-01")))
    return [to_entry(row["values"], row["id"], on) for row in settled]


def publish(services: Services, reviewer: Person, upload_id: str) -> int:
    """Write every row that is not there yet, then index them together; returns how many were written.

    Safe to call again after a crash. Raises what `publishing.put` raises.
    """
    upload = services.imports.get(upload_id)
    written = 0
    found = entries(upload)
    for done, entry in enumerate(found, 1):
        if not _there(services, entry.id):
            publishing.put(
                services, entry, None, "published", reviewer, f"导入清单 {upload.name}", upload.author,
                index=False,
            )  # fmt: skip
            written += 1
        if done % REPORT_EVERY == 0:
            services.imports.progress(upload_id, done)
    services.library.refresh()
    services.imports.progress(upload_id, len(found))
    services.imports.move(upload_id, Stage.PUBLISHING, Stage.DONE)
    services.audit.append(reviewer.name, "list-published", upload_id, note=f"{written} 条")
    return written


def start(services: Services, reviewer: Person, upload_id: str) -> None:
    """Publish in a thread of its own; a list already being published is left to the thread that does it."""
    if working(upload_id):
        return
    name = f"{THREAD}{upload_id}"
    threading.Thread(target=_run, args=(services, reviewer, upload_id), name=name, daemon=True).start()


def working(upload_id: str) -> bool:
    """True while this process is publishing the list; after a restart somebody has to say "go on"."""
    return any(thread.name == f"{THREAD}{upload_id}" for thread in threading.enumerate())


def _run(services: Services, reviewer: Person, upload_id: str) -> None:
    try:
        publish(services, reviewer, upload_id)
    except KbError as error:
        services.imports.note(upload_id, f"停在半路：{error}")


def _there(services: Services, entry_id: str) -> bool:
    try:
        services.library.store.find(entry_id)
    except EntryNotFound:
        return False
    return True
