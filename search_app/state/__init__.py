"""What people do here: accounts, submissions, questions, feedback. The only home of SQLAlchemy.

Entries are files; this is the rest. Each module holds its own tables and one
repository class over them; frozen dataclasses leave, sessions never do.
"""
