"""What was handed in, by whom, and where it stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, Text, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from kb.errors import EntryNotFound, UserError
from kb.types import Kind
from search_app.state.base import Base, Database, Moment, changed_rows, now

NAME_CHARS = 80
"""As much of a display name as the tables keep."""


class Standing(StrEnum):
    """Where a submission stands."""

    WAITING = "waiting"
    RETURNED = "returned"
    PUBLISHED = "published"
    REJECTED = "rejected"
    TAKEN_BACK = "taken-back"

    @property
    def label(self) -> str:
        """What the author reads."""
        return _LABELS[self]

    @property
    def open(self) -> bool:
        """True while somebody still has to act."""
        return self in (Standing.WAITING, Standing.RETURNED)


_LABELS = {
    Standing.WAITING: "等待审核",
    Standing.RETURNED: "退回修改",
    Standing.PUBLISHED: "已发布",
    Standing.REJECTED: "未采用",
    Standing.TAKEN_BACK: "已撤回",
}


class SubmissionMoved(UserError):
    """Somebody else acted on the submission first."""


@dataclass(frozen=True, slots=True)
class Submission:
    """An entry or a change handed in; its text lies in `kb.pending` under the same id."""

    id: str
    kind: Kind
    entry_id: str
    title: str
    standing: Standing
    author_id: int
    author: str
    base: str
    """Content hash of the published text it changes; empty for a new entry."""
    why: str
    created: datetime
    updated: datetime

    @property
    def is_change(self) -> bool:
        """True for a change to a published entry."""
        return bool(self.base)


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing that happened to a submission."""

    at: datetime
    who: str
    what: str
    """A `Standing`, or `comment`."""
    text: str


class _Submission(Base):
    __tablename__ = "submissions"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    entry_id: Mapped[str] = mapped_column(String(64), index=True)
    title: Mapped[str] = mapped_column(String(200))
    standing: Mapped[str] = mapped_column(String(16), index=True)
    author_id: Mapped[int] = mapped_column(index=True)
    author: Mapped[str] = mapped_column(String(NAME_CHARS))
    base: Mapped[str] = mapped_column(String(64), default="")
    why: Mapped[str] = mapped_column(Text, default="")
    created: Mapped[datetime] = mapped_column(Moment)
    updated: Mapped[datetime] = mapped_column(Moment)


class _Remark(Base):
    __tablename__ = "submission_remarks"
    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[str] = mapped_column(ForeignKey("submissions.id"), index=True)
    at: Mapped[datetime] = mapped_column(Moment)
    who: Mapped[str] = mapped_column(String(NAME_CHARS))
    what: Mapped[str] = mapped_column(String(16))
    text: Mapped[str] = mapped_column(Text, default="")


class Submissions:
    """The table of submissions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(
        self, id: str, kind: Kind, entry_id: str, title: str, author: tuple[int, str], base: str, why: str
    ) -> Submission:
        """Note a new submission; its text must already lie in the pending folder under `id`.

        Where the id is taken, the submission that has it is the answer: two
        requests may send the same form at the same moment.
        """
        moment = now()
        row = _Submission(
            id=id,
            kind=str(kind),
            entry_id=entry_id,
            title=title[:200],
            standing=str(Standing.WAITING),
            author_id=author[0],
            author=author[1][:NAME_CHARS],
            base=base,
            why=why,
            created=moment,
            updated=moment,
        )
        try:
            with self._database.session() as session:
                session.add(row)
                session.flush()
                session.add(_remark(row.id, author[1], row.standing, why))
                return _read(row)
        except IntegrityError:
            return self.get(id)

    def get(self, submission_id: str) -> Submission:
        """One submission. Raises EntryNotFound."""
        with self._database.reading() as session:
            row = session.get(_Submission, submission_id)
            if row is None:
                raise EntryNotFound(f"没有编号为“{submission_id[:80]}”的提交")
            return _read(row)

    def find(
        self, *, author_id: int | None = None, standings: Iterable[Standing] = (), entry_id: str = ""
    ) -> list[Submission]:
        """Submissions narrowed by author, standing and entry, the oldest change first."""
        wanted = select(_Submission).order_by(_Submission.updated, _Submission.id)
        if author_id is not None:
            wanted = wanted.where(_Submission.author_id == author_id)
        if chosen := [str(standing) for standing in standings]:
            wanted = wanted.where(_Submission.standing.in_(chosen))
        if entry_id:
            wanted = wanted.where(_Submission.entry_id == entry_id)
        with self._database.reading() as session:
            return [_read(row) for row in session.scalars(wanted)]

    def known(self, ids: Iterable[str]) -> set[str]:
        """Those of `ids` that are submissions."""
        with self._database.reading() as session:
            return set(session.scalars(select(_Submission.id).where(_Submission.id.in_(list(ids)))))

    def count(self, standing: Standing) -> int:
        """How many stand there."""
        with self._database.reading() as session:
            wanted = select(func.count()).where(_Submission.standing == str(standing))
            return session.scalar(wanted) or 0

    def move(
        self, submission_id: str, allowed: Iterable[Standing], to: Standing, who: str, text: str = ""
    ) -> Submission:
        """Change the standing, if it still is one of `allowed`. Raises EntryNotFound, SubmissionMoved."""
        with self._database.session() as session:
            changed = session.execute(
                update(_Submission)
                .where(_Submission.id == submission_id, _Submission.standing.in_([str(s) for s in allowed]))
                .values(standing=str(to), updated=now())
            )
            return self._settled(session, submission_id, changed_rows(changed) > 0, who, str(to), text)

    def revise(
        self, submission_id: str, title: str, base: str, who: str, why: str, said: str | None = None
    ) -> Submission:
        """The text was changed: it waits again; `said` is remarked, `why` otherwise.

        Raises EntryNotFound, SubmissionMoved.
        """
        with self._database.session() as session:
            changed = session.execute(
                update(_Submission)
                .where(
                    _Submission.id == submission_id,
                    _Submission.standing.in_([str(Standing.WAITING), str(Standing.RETURNED)]),
                )
                .values(standing=str(Standing.WAITING), title=title[:200], base=base, why=why, updated=now())
            )
            return self._settled(
                session,
                submission_id,
                changed_rows(changed) > 0,
                who,
                str(Standing.WAITING),
                why if said is None else said,
            )

    def _settled(
        self, session: Session, submission_id: str, changed: bool, who: str, what: str, text: str
    ) -> Submission:
        row = session.get(_Submission, submission_id, populate_existing=True)
        if row is None:
            raise EntryNotFound(f"没有编号为“{submission_id[:80]}”的提交")
        if not changed:
            raise SubmissionMoved(f"这份提交已经是“{Standing(row.standing).label}”，没有再改动")
        session.add(_remark(submission_id, who, what, text))
        return _read(row)

    def remark(self, submission_id: str, who: str, text: str) -> None:
        """Say something about a submission without moving it."""
        with self._database.session() as session:
            session.add(_remark(submission_id, who, "comment", text))

    def remarks(self, submission_id: str) -> list[Remark]:
        """What happened to a submission, oldest first."""
        wanted = select(_Remark).where(_Remark.submission_id == submission_id).order_by(_Remark.id)
        with self._database.reading() as session:
            return [Remark(row.at, row.who, row.what, row.text) for row in session.scalars(wanted)]


def _remark(submission_id: str, who: str, what: str, text: str) -> _Remark:
    return _Remark(submission_id=submission_id, at=now(), who=who[:NAME_CHARS], what=what, text=text)


def _read(row: _Submission) -> Submission:
    return Submission(
        row.id,
        Kind(row.kind),
        row.entry_id,
        row.title,
        Standing(row.standing),
        row.author_id,
        row.author,
        row.base,
        row.why,
        row.created,
        row.updated,
    )
