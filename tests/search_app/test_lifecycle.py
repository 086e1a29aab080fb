"""Withdrawn, restored, renamed, merged, rolled back: what readers find then, and no step half done."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from kb.errors import EntryConflict, EntryExists, EntryNotFound, InvalidId, KbError
from kb.types import Kind, Publication
from search_app import editorial, lifecycle, moves, publishing
from search_app.access import Role
from search_app.audit import AuditLog, AuditUnwritable
from search_app.editorial import RemarkMissing
from search_app.lifecycle import NotNow, merged
from tests.search_app.desk import changed, new_case, propose, reviewer, version
from tests.search_app.sites import REPOSITORY, Site, send

ID = "dues-six-months"


@pytest.fixture
def site(desk_site: Site) -> Site:
    return desk_site


def withdraw(site: Site, entry_id: str = ID, moved_to: str = "") -> None:
    who, expected = reviewer(site), version(site, entry_id)
    lifecycle.withdraw(site.services, who, entry_id, expected, "与新规定不符", moved_to)


def rename(site: Site, entry_id: str, new_id: str) -> None:
    lifecycle.rename(site.services, reviewer(site), entry_id, version(site, entry_id), new_id)


def merge(site: Site, one: str, into: str) -> None:
    expected = version(site, one), into, version(site, into)
    lifecycle.merge(site.services, reviewer(site), one, *expected)


def actions(site: Site, entry_id: str) -> list[str]:
    return [revision.action for revision in site.services.history.revisions(entry_id)]


# Withdrawing


def test_a_withdrawn_entry_says_why_and_what_there_is_instead(site: Site) -> None:
    entry = site.library.get(ID)
    withdraw(site)
    client = site.app.test_client()
    for address in (f"/problems/{ID}", f"/e/{ID}", f"/problems/{ID}?x=1"):
        answer = client.get(address)
        assert answer.status_code == 410 and "与新规定不符" in answer.text
        assert "dues-overdue" in answer.text and entry.summary not in answer.text
        assert "历史版本" not in answer.text
    data = client.get(f"/api/v1/entries/{ID}")
    assert data.status_code == 410 and data.json and "与新规定不符" in data.json["error"]
    assert ID not in {hit.id for hit in site.library.search(entry.title).hits}
    assert f"/problems/{ID}" not in client.get("/problems/dues-overdue").text
    assert "历史版本" in site.client(Role.REVIEWER).get(f"/problems/{ID}").text


def test_a_starter_entry_is_withdrawn_by_a_file_of_our_own(site: Site) -> None:
    before = {path: path.read_bytes() for path in Path(site.config.roots[0]).rglob("*.md")}
    withdraw(site)
    assert site.library.store.get(ID).local and (site.config.local / "issues" / f"{ID}.md").is_file()
    assert {path: path.read_bytes() for path in before} == before


def test_a_pointer_leads_on_for_good(site: Site) -> None:
    withdraw(site, moved_to="dues-overdue")
    client = site.app.test_client()
    answer = client.get(f"/problems/{ID}")
    assert answer.status_code == 301 and answer.location.endswith("/problems/dues-overdue")
    assert answer.headers["Cache-Control"] != "public"
    assert client.get(f"/e/{ID}").location.endswith("/problems/dues-overdue")
    assert client.get(f"/api/v1/entries/{ID}").location.endswith("/api/v1/entries/dues-overdue")


def test_withdrawing_needs_a_reason_a_published_entry_and_a_pointer_that_leads_somewhere(site: Site) -> None:
    who, expected = reviewer(site), version(site, ID)
    with pytest.raises(RemarkMissing):
        lifecycle.withdraw(site.services, who, ID, expected, " ")
    for pointer, error in ((ID, NotNow), ("no-such", EntryNotFound), ("hidden-draft", EntryNotFound)):
        with pytest.raises(error):
            lifecycle.withdraw(site.services, who, ID, expected, "理由", pointer)
    with pytest.raises(NotNow):
        withdraw(site, "hidden-draft")
    with pytest.raises(EntryConflict):
        lifecycle.withdraw(site.services, who, ID, "0" * 32, "理由")
    assert actions(site, ID) == [] and site.library.get(ID)
    assert site.app.test_client().get("/e/hidden-draft").status_code == 404


def test_restoring_gives_it_back(site: Site) -> None:
    entry = site.library.get(ID)
    withdraw(site, moved_to="dues-overdue")
    lifecycle.restore(site.services, reviewer(site), ID, version(site, ID), "查实有效")
    assert publishing.same_but_dates(site.library.get(ID), entry)
    assert site.app.test_client().get(f"/problems/{ID}").status_code == 200
    assert actions(site, ID) == ["found", "withdrawn", "restored"]
    with pytest.raises(NotNow):
        lifecycle.restore(site.services, reviewer(site), "hidden-draft", version(site, "hidden-draft"))


def test_a_proposal_for_a_withdrawn_entry_is_outdated(site: Site) -> None:
    made = propose(site, replace(reviewer(site), id=77), changed(site, ID, summary="改"))
    withdraw(site)
    found = editorial.proposal(site.services, reviewer(site), made.id)
    assert found.outdated and found.current is None
    with pytest.raises(EntryConflict):
        editorial.publish(site.services, reviewer(site), made.id)
    assert site.client(Role.REVIEWER, "zhao").get(f"/review/{made.id}").status_code == 200


# Renaming


def test_a_renamed_entry_is_found_under_both_addresses_and_links_lead_on(site: Site) -> None:
    client = site.app.test_client()
    missing = client.get("/problems/dues-overdue").text.count("制度未收录")
    rename(site, "dues-regulation", "dues-rules")
    assert client.get("/policies/dues-regulation").location.endswith("/policies/dues-rules")
    assert client.get("/policies/dues-rules").status_code == 200
    page = client.get("/problems/dues-overdue").text
    assert "/policies/dues-rules#a" in page and "/policies/dues-regulation" not in page
    assert page.count("制度未收录") == missing
    users = client.get("/policies/dues-rules").text
    assert "dues-overdue" in users and "hb-dues" in users
    assert 'href="/policies/dues-rules#a12"' in client.get("/problems/hostile").text
    answer = client.get("/policies/dues-regulation/versions?x=1")
    assert answer.status_code == 301 and answer.location.endswith("/policies/dues-rules/versions")
    assert actions(site, "dues-rules") == ["renamed"] and actions(site, "dues-regulation") == [
        "found",
        "renamed",
    ]
    assert moves.former("dues-rules", site.library.snapshot) == ("dues-regulation",)


def test_renames_in_a_row_lead_to_the_last_and_a_circle_to_nothing(site: Site) -> None:
    rename(site, ID, "dues-half-year")
    rename(site, "dues-half-year", "dues-halfyear")
    client = site.app.test_client()
    assert client.get(f"/e/{ID}").location.endswith("/problems/dues-halfyear")
    for one, other in ((ID, "dues-half-year"), ("dues-half-year", ID)):
        path = site.config.local / "issues" / f"{one}.md"
        path.write_text(
            re.sub("moved_to: .*", f"moved_to: {other}", path.read_text(encoding="utf-8")), "utf-8"
        )
    site.library.refresh()
    assert client.get(f"/e/{ID}").status_code == 410


@pytest.mark.parametrize(
    ("new_id", "error"), [("dues-overdue", EntryExists), ("Bad Id", InvalidId), (ID, NotNow)]
)
def test_a_new_id_must_be_free_and_well_formed(site: Site, new_id: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        rename(site, ID, new_id)
    assert site.library.get(ID) and actions(site, ID) == []


# Merging


def test_merging_leaves_one_entry_that_answers_to_both(site: Site) -> None:
    one = site.library.get(ID)
    merge(site, ID, "dues-overdue")
    entry = site.library.get("dues-overdue")
    assert one.title in entry.aliases and set(one.aliases) <= set(entry.aliases)
    assert ID not in entry.related and "dues-overdue" not in entry.related
    assert site.library.search(one.title).hits[0].id == "dues-overdue"
    assert site.app.test_client().get(f"/problems/{ID}").location.endswith("/problems/dues-overdue")
    why = [r.why for r in site.services.history.revisions("dues-overdue")][-1]
    assert ID in why and actions(site, "dues-overdue") == ["found", "merged"]
    assert [r.target for r in site.services.audit.records() if r.what == "merged"] == ["dues-overdue", ID]


def test_what_both_know_is_not_doubled(site: Site) -> None:
    one = new_case("case-a", "怎么提醒交党费", tags=("甲",))
    other = replace(
        one, id="case-b", title="提醒党员", aliases=("怎么提醒交党费？",), related=("case-a", "hb-dues")
    )
    together = merged(one, other)
    assert together.aliases == ("怎么提醒交党费？", *one.aliases)
    assert together.related == ("hb-dues", "dues-overdue", "case-dues-auto-remind")
    assert merged(one, together) == together
    for bad in (one, replace(other, kind=Kind.PROBLEM)):
        with pytest.raises(NotNow):
            merged(one, bad)


def test_a_preview_comes_first_and_a_change_meanwhile_stops_the_merge(site: Site) -> None:
    client = site.client(Role.REVIEWER)
    html = client.get(f"/entries/{ID}/merge?into=http://kb.example/problems/dues-overdue%23x").text
    assert "确认合并" in html and site.library.get(ID).title in html and actions(site, ID) == []
    form = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]+)"', html.split("<main")[1]))
    editorial.publish(
        site.services, reviewer(site), propose(site, replace(reviewer(site), id=77), changed(site)).id
    )
    assert client.post(f"/entries/{ID}/merge", data=form).status_code == 409
    form["into_expected"] = version(site, "dues-overdue")
    assert client.post(f"/entries/{ID}/merge", data=form).location.endswith("/problems/dues-overdue")
    for into in (ID, "case-dues-auto-remind", "nope", ""):
        answer = client.get("/entries/dues-backpay/merge", query_string={"into": into})
        assert answer.status_code == 422 and f'value="{into}"' in answer.text


# Rolling back


def test_rolling_back_is_a_new_version_with_the_old_words(site: Site) -> None:
    first = site.library.get(ID)
    for summary in ("第二版", "第三版"):
        who = replace(reviewer(site), id=77)
        made = propose(site, who, changed(site, ID, summary=summary))
        editorial.publish(site.services, reviewer(site), made.id)
    lifecycle.roll_back(site.services, reviewer(site), ID, version(site, ID), 1, "第二版写错了")
    assert publishing.same_but_dates(site.library.get(ID), first)
    assert actions(site, ID) == ["found", "published", "published", "rolled-back"]
    latest = site.services.history.latest(ID)
    assert latest and latest.why == "退回第 1 版；第二版写错了"
    withdraw(site)
    lifecycle.roll_back(site.services, reviewer(site), ID, version(site, ID), 3)
    assert site.library.get(ID).summary == "第三版"


def test_what_was_never_published_cannot_be_rolled_back_into_publication(site: Site) -> None:
    draft = replace(new_case(), publication=Publication.DRAFT)
    record = publishing.put(site.services, draft, None, "published", reviewer(site), "命令行导入")
    with pytest.raises(NotNow):
        lifecycle.roll_back(site.services, reviewer(site), draft.id, record.version, 1)
    assert draft.id not in site.library.snapshot.entries


# Half done


STEPS: tuple[tuple[Callable[[Site], None], tuple[str, ...]], ...] = (
    (withdraw, (ID,)),
    (lambda site: rename(site, ID, "dues-half-year"), ("dues-half-year", ID)),
    (lambda site: merge(site, ID, "dues-overdue"), ("dues-overdue", ID)),
)


@pytest.mark.parametrize(("take", "touched"), STEPS, ids=["withdraw", "rename", "merge"])
def test_a_crash_between_two_writes_leaves_one_to_read_and_trying_again_completes(
    site: Site, monkeypatch: pytest.MonkeyPatch, take: Callable[[Site], None], touched: tuple[str, ...]
) -> None:
    title = site.library.get(ID).title
    real = publishing.write

    class Crash(BaseException):
        pass

    for stop in range(1, 2 * len(touched)):
        calls: list[str] = []

        def write(services: Any, entry: Any, *rest: Any, stop: int = stop, calls: Any = calls) -> Any:
            calls.append(entry.id)
            if len(calls) * 2 - 1 == stop:
                raise Crash  # before the write
            record = real(services, entry, *rest)
            if len(calls) * 2 == stop:
                raise Crash  # after it
            return record

        with monkeypatch.context() as patch:
            patch.setattr(publishing, "write", write)
            with pytest.raises(Crash):
                take(site)
        site.library.refresh()
        found = {
            entry.id
            for entry in site.library.snapshot.entries.values()
            if title in (entry.title, *entry.aliases)
        }
        assert found or touched == (ID,)
    take(site)
    for entry_id in touched:
        assert len([a for a in actions(site, entry_id) if a != "found"]) == 1
    assert site.library.store.get(ID).entry.publication is Publication.WITHDRAWN
    assert site.services.audit.verify().sound


def test_a_step_sent_twice_is_taken_once(site: Site) -> None:
    who, expected = reviewer(site), version(site, ID)
    for _ in range(2):
        lifecycle.withdraw(site.services, who, ID, expected, "理由")
    for _ in range(2):
        lifecycle.rename(site.services, who, "dues-backpay", version(site, "dues-backpay"), "dues-arrears")
    assert actions(site, ID) == ["found", "withdrawn"] and actions(site, "dues-arrears") == ["renamed"]


def test_without_the_log_nothing_is_withdrawn(site: Site) -> None:
    (site.config.local / "broken").mkdir(parents=True)
    services = replace(site.services, audit=AuditLog(site.config.local / "broken"))
    with pytest.raises(AuditUnwritable):
        lifecycle.withdraw(services, reviewer(site), ID, version(site, ID), "理由")
    assert site.library.get(ID)


# Pages


def test_the_pages_take_each_step_and_lose_nothing_typed(site: Site) -> None:
    client = site.client(Role.REVIEWER)
    page = f"/entries/{ID}/manage"
    assert client.get(page).status_code == 200
    form = {"expected": version(site, ID)}
    answer = send(client, f"/entries/{ID}/withdraw", form | {"why": "", "moved_to": "打错的<编号>"})
    nowhere = client.get(f"/entries/{ID}/merge?into=")
    assert nowhere.status_code == 422 and "请写要并入哪一条" in nowhere.text
    assert answer.status_code == 422 and "请写明理由" in answer.text and "打错的&lt;编号&gt;" in answer.text
    answer = send(client, f"/entries/{ID}/rename", form | {"new_id": "dues-overdue", "why": "更短"})
    assert answer.status_code == 409 and 'value="更短"' in answer.text
    answer = send(
        client, f"/entries/{ID}/withdraw", form | {"why": "过时", "moved_to": "/problems/dues-overdue/"}
    )
    assert answer.status_code == 303 and answer.location.endswith(page)
    assert "dues-overdue" in client.get(page).text and "恢复给读者" in client.get(page).text
    answer = send(client, f"/entries/{ID}/restore", {"expected": version(site, ID), "why": "有用"})
    assert answer.location.endswith(f"/problems/{ID}")
    assert "已恢复" in client.get(f"/problems/{ID}").text, "said where the reviewer lands"
    assert "已恢复" not in client.get(f"/problems/{ID}").text, "and once only"
    stale = send(client, f"/entries/{ID}/withdraw", form | {"why": "过时"})
    assert stale.status_code == 409 and "有人先保存了" in stale.text
    answer = send(client, f"/entries/{ID}/roll-back", {"expected": version(site, ID), "number": "1"})
    assert answer.status_code == 303
    for number in ("99", "x", "-1"):
        answer = send(client, f"/entries/{ID}/roll-back", {"expected": version(site, ID), "number": number})
        assert answer.status_code in (404, 422)


@pytest.mark.parametrize("step", ["withdraw", "restore", "rename", "merge", "roll-back"])
def test_members_may_not(site: Site, step: str) -> None:
    client = site.client(Role.MEMBER)
    answer = send(client, f"/entries/{ID}/{step}", {"expected": version(site, ID), "why": "x", "number": "1"})
    assert answer.status_code == 403 and actions(site, ID) == []


def test_every_starter_entry_can_be_merged_or_not_without_a_crash() -> None:
    from kb.store import Store

    entries = [record.entry for record in Store((REPOSITORY,)).records()[0]][:40]
    for one, other in pairwise(entries):
        try:
            together = merged(one, other)
        except KbError:
            continue
        assert together.id == other.id and together.body == other.body
