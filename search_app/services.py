"""What one application works with besides the library: put together once, handed to whoever needs it."""

from __future__ import annotations

from dataclasses import dataclass

from indexer.library import Library
from kb.history import History
from kb.pending import Pending
from search_app.audit import AuditLog
from search_app.config import Config
from search_app.exchange.isolated import FileReader
from search_app.filing import Files
from search_app.lexicon_effect import LexiconEffect
from search_app.lexicon_trial import Trials
from search_app.pacing import Pace
from search_app.passwords import Passwords
from search_app.recording import QueryLog
from search_app.state.accounts import Accounts
from search_app.state.base import Database
from search_app.state.drafts import Drafts
from search_app.state.feedback import Feedback
from search_app.state.imports import Imports
from search_app.state.querylog import QueryTable
from search_app.state.questions import Questions
from search_app.state.sessions import Sessions
from search_app.state.settings import Settings
from search_app.state.submissions import Submissions
from search_app.state.uploads import Uploads


@dataclass(frozen=True, slots=True)
class Services:
    """The library, the files beside the entries, and the tables."""

    library: Library
    database: Database
    accounts: Accounts
    sessions: Sessions
    audit: AuditLog
    history: History
    pending: Pending
    submissions: Submissions
    settings: Settings
    drafts: Drafts
    attachments: Files
    imports: Imports
    reader: FileReader
    questions: Questions
    feedback: Feedback
    queries: QueryLog
    pace: Pace
    trials: Trials
    lexicon_effect: LexiconEffect


def make_services(config: Config, library: Library, passwords: Passwords | None = None) -> Services:
    """Put together what `config` names. Opens nothing: files and database are touched when first used."""
    database = Database(config.database_url())
    return Services(
        library=library,
        database=database,
        accounts=Accounts(database, passwords or Passwords()),
        sessions=Sessions(database),
        audit=AuditLog(config.local / ".kb" / "audit.jsonl"),
        history=History(config.local),
        pending=Pending(library.store),
        submissions=Submissions(database),
        settings=Settings(database),
        drafts=Drafts(database),
        attachments=Files(config.local, Uploads(database)),
        imports=Imports(database),
        reader=FileReader(),
        questions=Questions(database),
        feedback=Feedback(database),
        queries=QueryLog(QueryTable(database), config.query_days),
        pace=Pace(),
        trials=Trials(library, config.settings()),
        lexicon_effect=LexiconEffect(library),
    )
