"""Who may do what to a submission, when; and that nothing submitted is ever seen."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest

from kb.errors import EntryConflict, EntryExists, EntryNotFound
from search_app import access, editorial
from search_app.access import Person, Role
from search_app.editorial import NotAllowed, RemarkMissing
from search_app.rebasing import rebase, together
from search_app.state.settings import SINGLE_EDITOR
from search_app.state.submissions import Standing, Submission, SubmissionMoved
from tests.search_app.desk import (
    SECRET,
    TELLTALES,
    author,
    changed,
    new_case,
    person,
    propose,
    reviewer,
    version,
)
from tests.search_app.sites import Site


@pytest.fixture
def site(desk_site: Site) -> Site:
    return desk_site


def verbs(site: Site) -> list[str]:
    return [record.what for record in site.services.audit.records() if not record.what.startswith("user")]


def told(site: Site, made: Submission) -> list[tuple[str, str, str]]:
    return [(remark.who, remark.what, remark.text) for remark in site.services.submissions.remarks(made.id)]


def test_from_the_form_to_the_reader(site: Site) -> None:
    made = propose(site, author(site), changed(site), "原来的话不准")
    assert made.standing is Standing.WAITING and made.is_change and made.why == "原来的话不准"
    editorial.comment(site.services, reviewer(site), made.id, "数字从哪里来？")
    editorial.send_back(site.services, reviewer(site), made.id, "请写明出处")
    again = changed(site, summary="写明了出处")
    editorial.revise(site.services, author(site), made.id, again, made.base, "按意见改了")
    editorial.publish(site.services, reviewer(site), made.id)
    assert site.library.get("dues-overdue").summary == "写明了出处"
    assert told(site, made) == [
        ("zhang同志", "waiting", "原来的话不准"),
        ("li同志", "comment", "数字从哪里来？"),
        ("li同志", "returned", "请写明出处"),
        ("zhang同志", "waiting", "按意见改了"),
        ("li同志", "published", ""),
    ]
    assert verbs(site) == ["submitted", "commented", "returned", "revised", "published"]
    latest = site.services.history.latest("dues-overdue")
    assert latest and (latest.why, latest.author, latest.who) == ("按意见改了", "zhang同志", "li同志")
    with pytest.raises(EntryNotFound):
        site.services.pending.get(made.id)


def test_nobody_decides_on_their_own_unless_an_administrator_says_so(site: Site) -> None:
    made = propose(site, reviewer(site), changed(site))
    for step in (editorial.publish, editorial.send_back, editorial.reject):
        with pytest.raises(NotAllowed):
            step(site.services, reviewer(site), made.id, "说明")
    site.services.settings.set(SINGLE_EDITOR, "on")
    editorial.publish(site.services, reviewer(site), made.id)
    assert "single-editor" in verbs(site)


@pytest.mark.parametrize("who", [access.GUEST, Person(99, "x", "x", Role.MEMBER)])
def test_strangers_may_do_nothing(site: Site, who: Person) -> None:
    made = propose(site, author(site), changed(site))
    steps: list[Callable[[], object]] = [
        lambda: editorial.publish(site.services, who, made.id),
        lambda: editorial.reject(site.services, who, made.id, "x"),
        lambda: editorial.take_back(site.services, who, made.id),
        lambda: editorial.comment(site.services, who, made.id, "x"),
        lambda: editorial.revise(site.services, who, made.id, changed(site), made.base),
        lambda: editorial.submit(site.services, who, changed(site), made.base, id=made.id),
    ]
    for step in steps:
        with pytest.raises(NotAllowed):
            step()
    with pytest.raises(EntryNotFound):
        editorial.proposal(site.services, who, made.id)
    assert site.services.submissions.get(made.id) == made


def test_returning_and_rejecting_need_a_reason(site: Site) -> None:
    made = propose(site, author(site), changed(site))
    for step in (editorial.send_back, editorial.reject):
        with pytest.raises(RemarkMissing):
            step(site.services, reviewer(site), made.id, " \n\x00")
    editorial.reject(site.services, reviewer(site), made.id, "重复\r\n见另一条\x07" + "长" * 3000)
    said = told(site, made)[-1][2]
    assert said.startswith("重复\n见另一条长") and len(said) == editorial.MAX_REMARK


def test_what_is_settled_stays_settled(site: Site) -> None:
    services, who = site.services, reviewer(site)
    made = propose(site, author(site), changed(site))
    editorial.take_back(services, author(site), made.id)
    for step in (
        lambda: editorial.publish(services, who, made.id),
        lambda: editorial.send_back(services, who, made.id, "x"),
        lambda: editorial.reject(services, who, made.id, "x"),
        lambda: editorial.take_back(services, author(site), made.id),
        lambda: editorial.revise(services, author(site), made.id, changed(site), made.base),
    ):
        with pytest.raises(SubmissionMoved):
            step()
    assert services.pending.get(made.id).summary == changed(site).summary  # still there to be copied from


def test_what_its_author_changed_meanwhile_is_not_published_unread(site: Site) -> None:
    made = propose(site, author(site), changed(site))
    seen = editorial.proposal(site.services, reviewer(site), made.id).version
    editorial.revise(site.services, author(site), made.id, changed(site, summary="另一句"), made.base)
    with pytest.raises(SubmissionMoved):
        editorial.publish(site.services, reviewer(site), made.id, seen=seen)
    seen = editorial.proposal(site.services, reviewer(site), made.id).version
    editorial.publish(site.services, reviewer(site), made.id, seen=seen)


def test_a_change_cannot_be_revised_into_another_entry(site: Site) -> None:
    made = propose(site, author(site), changed(site))
    with pytest.raises(NotAllowed):
        editorial.revise(site.services, author(site), made.id, changed(site, "hb-dues", title="x"), made.base)


# The same form twice


def test_sending_twice_makes_one_submission(site: Site) -> None:
    first, second = (editorial.submit(site.services, author(site), new_case(), id="s-form") for _ in range(2))
    assert first == second and len(told(site, first)) == 1 and verbs(site).count("submitted") == 1
    better = new_case(title="改过的标题")
    third = editorial.submit(site.services, author(site), better, id="s-form")
    assert third.title == "改过的标题" and site.services.pending.get("s-form").title == "改过的标题"
    editorial.publish(site.services, reviewer(site), "s-form")
    assert editorial.submit(site.services, author(site), better, id="s-form").standing is Standing.PUBLISHED
    with pytest.raises(SubmissionMoved):
        editorial.submit(site.services, author(site), new_case(title="太晚了"), id="s-form")


def test_sending_at_the_same_moment_makes_one_submission(site: Site) -> None:
    who, answers = author(site), list[Any]()
    barrier = threading.Barrier(6)

    def send() -> None:
        barrier.wait()
        try:
            answers.append(editorial.submit(site.services, who, new_case(), id="s-form").id)
        except Exception as error:
            answers.append(error)

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == ["s-form"] * 6 and len(site.services.submissions.find()) == 1
    made = site.services.submissions.create("s-form", new_case().kind, "x", "x", (1, "x"), "", "")
    assert made == site.services.submissions.get("s-form")  # also where two hosts share a database


def test_two_may_not_wait_for_the_same_new_id(site: Site) -> None:
    editorial.submit(site.services, author(site), new_case())
    other = person(site, "wang", Role.MEMBER)
    with pytest.raises(EntryExists):
        editorial.submit(site.services, other, new_case(title="另一个"))
    with pytest.raises(EntryExists):
        editorial.submit(site.services, other, new_case("dues-overdue"))


def test_a_long_title_and_name_are_cut_for_the_table_only(site: Site) -> None:
    who = Person(author(site).id, "zhang", "长" * 200, Role.MEMBER)
    made = editorial.submit(site.services, who, new_case(title="长" * 300))
    assert (len(made.title), len(made.author)) == (200, 80)
    assert len(site.services.pending.get(made.id).title) == 300


def test_a_text_left_by_a_crash_is_cleared_and_no_other(site: Site) -> None:
    made = propose(site, author(site), changed(site))
    site.services.pending.put("s-orphan", new_case())
    assert editorial.clear_orphans(site.services) == []
    assert editorial.clear_orphans(site.services, older_than=-1) == ["s-orphan"]
    assert site.services.pending.get(made.id)


# Two changes to one entry


def test_the_later_of_two_changes_is_outdated_and_keeps_its_text(site: Site) -> None:
    one = propose(site, author(site), changed(site, summary="甲的话"))
    other = propose(site, person(site, "wang", Role.MEMBER), changed(site, summary="乙的话"))
    editorial.publish(site.services, reviewer(site), one.id)
    found = editorial.proposal(site.services, reviewer(site), other.id)
    assert found.outdated and found.base and found.current
    assert (found.current.summary, found.entry.summary) == ("甲的话", "乙的话")
    assert found.base.summary not in ("甲的话", "乙的话") and together(found) is None
    with pytest.raises(EntryConflict) as caught:
        editorial.publish(site.services, reviewer(site), other.id)
    assert "甲的话" in caught.value.theirs and "乙的话" in caught.value.ours
    with pytest.raises(EntryConflict):
        editorial.revise(site.services, person(site, "wang", Role.MEMBER), other.id, found.entry, other.base)
    assert site.services.pending.get(other.id).summary == "乙的话"


def test_changes_that_do_not_touch_come_together(site: Site) -> None:
    one = propose(site, author(site), changed(site, summary="甲的话"))
    other = propose(site, person(site, "wang", Role.MEMBER), changed(site, tags=("乙的词",)), "补检索词")
    editorial.publish(site.services, reviewer(site), one.id)
    seen = editorial.proposal(site.services, reviewer(site), other.id).version
    made = rebase(site.services, reviewer(site), other.id, seen)
    assert made.standing is Standing.WAITING and made.base == version(site, "dues-overdue")
    assert made.why == "补检索词"
    editorial.publish(site.services, reviewer(site), other.id)
    entry = site.library.get("dues-overdue")
    assert (entry.summary, entry.tags) == ("甲的话", ("乙的词",))
    with pytest.raises((SubmissionMoved, EntryNotFound)):
        rebase(site.services, reviewer(site), other.id, seen)


def test_publishing_and_rejecting_at_once_ends_in_one_of_them(site: Site) -> None:
    services, who = site.services, reviewer(site)
    for turn in range(4):
        made = editorial.submit(services, author(site), new_case(f"case-t{turn}", f"第{turn}条"))
        steps = [
            lambda id=made.id: editorial.publish(services, who, id),
            lambda id=made.id: editorial.reject(services, who, id, "不用"),
        ]
        barrier, lost = threading.Barrier(2), list[Exception]()

        def take(step: Callable[[], object], barrier: Any = barrier, lost: Any = lost) -> None:
            barrier.wait()
            try:
                step()
            except SubmissionMoved as error:
                lost.append(error)

        threads = [threading.Thread(target=take, args=(step,)) for step in steps]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        standing = services.submissions.get(made.id).standing
        published = f"case-t{turn}" in site.library.snapshot.entries
        assert len(lost) == 1 and published == (standing is Standing.PUBLISHED)


# Never visible


def addresses(site: Site) -> list[str]:
    """Every address a guest may read, with every value that might reach the waiting texts."""
    values: dict[str, tuple[str, ...]] = {
        "entry_id": ("dues-overdue", "case-canary", "s-change", "s-new"),
        "kind": ("case", "problem"),
        "number": ("1",),
        "slug": ("dues",),
    }
    found = []
    for rule in site.app.url_map.iter_rules():
        if access.ROUTES.get(rule.endpoint) != access.READING or "GET" not in (rule.methods or ()):
            continue
        paths = [rule.rule]
        for argument in rule.arguments:
            paths = [
                path.replace(f"<{argument}>", value).replace(f"<int:{argument}>", value)
                for path in paths
                for value in values.get(argument, ("x",))
            ]
        found += paths
    asked = [f"?q={SECRET}", f"?q={SECRET}&kind=case", f"?term={SECRET}", "?category=基本制度", ""]
    return [path + query for path in found for query in asked]


def test_nothing_submitted_reaches_a_reader_anywhere(site: Site) -> None:
    client = site.app.test_client()
    stats = client.get("/api/v1/stats").json
    change = editorial.submit(
        site.services, author(site), changed(site), version(site, "dues-overdue"), id="s-change"
    )
    fresh = editorial.submit(site.services, author(site), new_case(), id="s-new")
    site.library.refresh()
    asked = addresses(site)
    assert len(asked) > 150
    for address in asked:
        words = client.get(address).get_data().decode("utf-8", "replace")
        assert not [telltale for telltale in TELLTALES if telltale in words], address
        assert "case-canary" not in words or "case-canary" in address, address
    assert client.get("/cases/case-canary").status_code == client.get("/e/case-canary").status_code == 404
    assert client.get("/api/v1/stats").json == stats
    asked_for = (SECRET, *TELLTALES, f"{SECRET}飞走怎么办", f"{SECRET}鸣叫")
    assert not [
        hit for word in asked_for for hit in site.library.search(word).hits if hit.id == "case-canary"
    ]
    assert not [one for word in asked_for for one in site.library.suggest(word) if SECRET in one.text]
    now = site.library.snapshot
    assert "case-canary" not in now.linked_from.get("dues-overdue", []) and "case-canary" not in now.entries
    for submission in (change, fresh):
        for page in (f"/submissions/{submission.id}", f"/review/{submission.id}"):
            assert client.get(page).status_code == 303  # to the login page
            assert SECRET not in client.get(page).text
            other = site.client(Role.MEMBER, "stranger")
            assert other.get(page).status_code in (403, 404) and SECRET not in other.get(page).text


def test_nothing_submitted_reaches_an_assistant(site: Site) -> None:
    pytest.importorskip("mcp")
    from mcp.client import Client

    from search_app.mcp_server import make_server

    editorial.submit(site.services, author(site), new_case())
    propose(site, author(site), changed(site))

    async def ask() -> str:
        async with Client(make_server(site.library)) as client:
            found = await client.call_tool("search", {"query": SECRET})
            read = [await client.call_tool("read", {"entry_id": i}) for i in ("case-canary", "dues-overdue")]
            return "".join(getattr(part, "text", "") for answer in (found, *read) for part in answer.content)

    assert not [telltale for telltale in TELLTALES if telltale in asyncio.run(ask())]
