"""The tool for every other fixed term: pick one, give the day it counts from."""

from __future__ import annotations

from datetime import date

from kb.rules import terms
from kb.rules.results import Milestone
from search_app.calculators.answers import CORRESPONDING_DAY, Answer, Fact, Tool, distance, say
from search_app.calculators.inputs import NAME, OFF, ON, TODAY, Field, Values

_TONES = {"满": "doubt", "内": "over", "前": "doubt"}


def _terms(values: Values, today: date) -> Answer:
    term = terms.fixed_term(values.text("term"))
    since = values.need("since")
    day = terms.due(term, since, values.holidays())
    words = {
        "满": f"{term.length}，到{say(day)}满",
        "内": f"{term.length}以内，最迟{say(day)}",
        "前": f"提前{term.length}，即{say(day)}",
    }
    milestone = Milestone(
        term.key,
        term.name,
        latest=day,
        limit=f"{term.since}起{term.length}",
        rules=term.rules,
        marker=term.bound != "内",
    )
    facts = (Fact(term.since, say(since)), Fact("期限", words[term.bound], term.rules))
    passed = today > day if term.bound == "内" else today >= day
    headline = f"{term.name}：{say(day)}（{distance(day, today)}）"
    return Answer(headline, _TONES[term.bound] if passed else "good", facts, milestones=(milestone,))


TERMS = Tool(
    slug="terms",
    title="各种期限一查",
    question="从那一天起，期限到哪一天",
    lead="条款里写明的期限都在这里：选一项，填起算日，得到到期日。",
    fields=(
        Field(
            "term",
            "哪一项期限",
            "choice",
            required=True,
            choices=tuple((t.key, f"{t.group}：{t.name}（{t.since}起{t.length}）") for t in terms.TERMS),
        ),
        Field("since", "从哪天起算", "date", required=True),
        OFF,
        ON,
        NAME,
        TODAY,
    ),
    answer=_terms,
    entries=("org-new-setup", "hb-branch-setup", "discipline-members"),
    notes=("只收条款写明的期限；只在问答、模板里见到的数字没有收。", CORRESPONDING_DAY),
)
