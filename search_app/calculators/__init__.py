"""Between the rules and the pages: what each tool asks, and how it says the answer.

inputs.py       one field of a form: its shape, and how what was typed is read
answers.py      what every tool answers with: a headline, tables, a timetable
branch.py       election, ballots, the branch's year
joining.py      development of members, probation
money.py        dues, arrears
members.py      transfer, mobile members, abroad, lost contact, disposal, hours
terms.py        every fixed term, one at a time
registry.py     all tools by address, and the entries they belong to
agenda.py       timetable -> calendar events
"""
