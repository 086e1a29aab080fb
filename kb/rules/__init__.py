"""Dates and money that follow from a clause: pure functions, each result naming its clause.

    from kb.rules import dues, election
    election.term(date(2023, 3, 15), election.body("branch")).end      # 2026-03-15
    dues.levy(dues.payer("monthly"), Decimal("3000.01")).low           # Decimal("30.00")

    dates.py        months, ends of months, working days
    results.py      Milestone, Duty, Standing: what every subject answers with
    clauses.py      the clauses, each once, in our own words with its grade
    election.py     term, reminder, extension, back-planned timetable
    ballots.py      how many candidates, how many must come, how many votes
    progress.py     what has been done on the way into the Party
    development.py  from application to oath (2026 rules)
    probation.py    probation, extension, becoming a full member
    dues.py         who pays how much
    arrears.py      months unpaid -> where the member stands
    membership.py   transfer, mobile members, lost contact
    disposal.py     rectification within a term
    yearly.py       what a branch does each year, training hours
    terms.py        every other fixed term as one table

Numbers that were only seen in templates and quizzes (grade C) are not here. A
lead time that no clause fixes is a parameter with a default, and its result has
no clause: pages mark it 「本库建议」.
"""
