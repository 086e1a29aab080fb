"""Terms and synonyms: tried first, saved by an administrator, in use without a restart."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from kb.errors import SetupError
from search_app import curating_terms, lexicon_files, lexicon_trial
from search_app.access import Role
from search_app.lexicon_files import Synonym, Words
from search_app.lexicon_trial import Asked, Shift
from search_app.state.querylog import Searched
from tests.search_app.sites import Site, send

SLANG = "蚂蚁搬家"
ROWS = {"said": [SLANG, ""], "meant": ["党费；逾期", ""], "note": ["口语", ""], "term": ["先锋岗", ""]}


@pytest.fixture
def admin(site: Site) -> FlaskClient:
    return site.client(Role.ADMIN)


def hidden(html: str) -> dict[str, Any]:
    """What the form with the save button would send."""
    form = next(part for part in html.split("<form") if "/curate/terms/save" in part)
    rows: dict[str, Any] = {}
    for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form):
        rows.setdefault(name, []).append(value)
    return rows


def tried(site: Site, client: FlaskClient, rows: dict[str, Any]) -> str:
    version = lexicon_files.version(site.config.local / "lexicon")
    answer = send(client, "/curate/terms", {**rows, "version": version})
    assert answer.status_code == 303, answer.text
    trial = site.services.trials.get(answer.location.rsplit("/", 1)[1])
    assert trial and trial.finished.wait(60)
    return str(client.get(answer.location).text)


def test_a_synonym_is_tried_then_saved_then_searched_with(site: Site, admin: FlaskClient) -> None:
    site.services.queries.table.write(
        [Searched(SLANG, 0, False, ""), Searched("换届", 3, True, "hb-election")]
    )
    before = [hit.id for hit in site.library.search(SLANG).hits]
    assert "dues-overdue" not in before
    page = tried(site, admin, ROWS)
    assert "新进前十" in page and f'<th scope="row">{SLANG}' in page and "/problems/dues-overdue" in page
    assert not (site.config.local / "lexicon").exists()
    assert [hit.id for hit in site.library.search(SLANG).hits] == before
    answer = send(admin, "/curate/terms/save", hidden(page))
    assert answer.status_code == 303, answer.text
    site.services.lexicon_effect.wait()
    assert "dues-overdue" in [hit.id for hit in site.library.search(SLANG).hits]
    assert site.library.search("换届选举").hits
    saved = admin.get("/curate/terms?saved=1").text
    assert "已保存" in saved and f'value="{SLANG}"' in saved and 'value="党费；逾期"' in saved
    record = site.services.audit.records()[-1]
    assert (record.what, record.note) == (
        "lexicon-saved",
        f"加：{'、'.join(sorted([SLANG, '先锋岗', '党费', '逾期']))}；减：",
    )


def test_entries_published_after_the_change_are_found_with_it(site: Site, admin: FlaskClient) -> None:
    page = tried(site, admin, ROWS)
    send(admin, "/curate/terms/save", hidden(page))
    site.services.lexicon_effect.wait()
    send(admin, "/curate/alias", {"text": "驴打滚糕点", "entry": "dues-overdue"})
    assert site.library.search("驴打滚糕点").hits[0].id == "dues-overdue"


def test_reviewers_may_try_but_not_save(site: Site) -> None:
    reviewer = site.client(Role.REVIEWER)
    page = tried(site, reviewer, ROWS)
    assert "只有管理员可以保存" in page and "/curate/terms/save" not in page
    assert send(reviewer, "/curate/terms/save", {**ROWS, "trial": "x"}).status_code == 403
    assert not (site.config.local / "lexicon").exists()


def test_what_was_not_tried_is_not_saved_and_nothing_typed_is_lost(site: Site, admin: FlaskClient) -> None:
    rows = hidden(tried(site, admin, ROWS))
    for changed in ({"meant": ["改过的词"]}, {"trial": "unknown"}):
        answer = send(admin, "/curate/terms/save", rows | changed)
        assert answer.status_code == 409 and "还没有保存" in answer.text and SLANG in answer.text
    assert not (site.config.local / "lexicon").exists()


def test_somebody_elses_change_meanwhile_is_shown_beside_mine(site: Site, admin: FlaskClient) -> None:
    rows = hidden(tried(site, admin, ROWS))
    lexicon_files.write(site.config.local / "lexicon", Words(("别人的词",)))
    answer = send(admin, "/curate/terms/save", rows)
    assert answer.status_code == 409 and "刚被别人改过" in answer.text
    assert "别人的词" in answer.text and SLANG in answer.text
    assert lexicon_files.read(site.config.local / "lexicon") == Words(("别人的词",))


def test_what_is_wrong_comes_back_with_all_rows(admin: FlaskClient) -> None:
    answer = send(admin, "/curate/terms", ROWS | {"meant": ["", ""]})
    assert answer.status_code == 422 and "只写了一半" in answer.text and SLANG in answer.text
    assert "先锋岗" in answer.text


def test_more_rows_and_a_row_begun_from_a_search(admin: FlaskClient) -> None:
    html = send(admin, "/curate/terms", ROWS | {"more": "1"}).text
    assert html.count('name="said"') == 10 and SLANG in html
    html = admin.get("/curate/terms", query_string={"said": SLANG}).text
    assert f'value="{SLANG}"' in html and 'id="new"' in html


def test_a_slow_trial_shows_how_far_it_is(
    site: Site, admin: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(curating_terms, "PATIENCE_SECONDS", 0)
    with site.services.trials._running:  # another trial is still at work
        answer = send(admin, "/curate/terms", ROWS)
        page = admin.get(answer.location)
        assert "正在用新词表建一份临时索引" in page.text and page.headers["Refresh"] == "2"
        assert SLANG in page.text
    trial = site.services.trials.get(answer.location.rsplit("/", 1)[1])
    assert trial and trial.finished.wait(60)
    page = admin.get(answer.location)
    assert "Refresh" not in page.headers and "保存并生效" in page.text


def test_an_unknown_trial_leads_back(admin: FlaskClient) -> None:
    assert admin.get("/curate/terms/trial/nope").location.endswith("/curate/terms")


def test_a_trial_that_fails_says_why(site: Site, admin: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object) -> None:
        raise SetupError("磁盘满了")

    monkeypatch.setattr(lexicon_trial.Library, "open", refuse)
    page = tried(site, admin, ROWS)
    assert "没有试成：磁盘满了" in page and "/curate/terms/save" not in page and SLANG in page


def test_a_title_that_no_longer_finds_its_entry_comes_first() -> None:
    own = Asked("标题", "a")
    assert lexicon_trial.compare(own, ("a", "b"), ("a", "b")) is None
    lost = lexicon_trial.compare(own, ("a", "b"), ("b", "c"))
    assert lost == Shift(own, ("c",), ("a",), "a", "b", True)
    swapped = lexicon_trial.compare(Asked("党费"), ("a", "b"), ("b", "a"))
    assert swapped and not swapped.lost_itself and swapped.entered == swapped.left == ()
    assert lost and lost.weight > swapped.weight
    assert lexicon_trial.compare(Asked("党费"), (), ("a",)) == Shift(
        Asked("党费"), ("a",), (), "", "a", False
    )


def test_titles_with_a_changed_word_are_tried_first() -> None:
    titles = [(f"e{n:03}", f"标题{n}") for n in range(400)] + [("z", "蚂蚁搬家的事")]
    asked = lexicon_trial.to_try(["党费", "党费"], titles, frozenset({SLANG}))
    assert asked[:2] == [Asked("党费"), Asked("蚂蚁搬家的事", "z")] and len(asked) == 201


def test_the_trial_writes_nothing_beside_its_own_folder(site: Site, tmp_path: Path) -> None:
    (site.config.local / "lexicon").mkdir(parents=True)
    (site.config.local / "lexicon/english.tsv").write_text("dues\t党费\n", encoding="utf-8")
    words = Words((), (Synonym(SLANG, ("党费",)),))
    settings = lexicon_trial.beside(site.config.settings(), tmp_path / "trial", words)
    assert settings.local and settings.local.is_relative_to(tmp_path / "trial")
    assert settings.index.is_relative_to(tmp_path / "trial") and site.config.local in settings.roots
    assert (settings.local / "lexicon/english.tsv").exists()
    assert lexicon_files.read(settings.local / "lexicon") == words
