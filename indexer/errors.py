"""What can go wrong between entries and hits.

kb.errors.KbError
├── UserError
│   └── BadQueryFile         a file of judged queries cannot be read
└── SetupError
    ├── EncoderUnavailable   the model asked for cannot be had; the message names the remedy
    ├── IndexUnwritable      the index folder cannot be written
    └── TrainingDataMissing  a training file is absent or is not the one expected
"""

from __future__ import annotations

from kb.errors import SetupError, UserError


class BadQueryFile(UserError):
    """A file of judged queries cannot be read."""


class EncoderUnavailable(SetupError):
    """The model asked for cannot be loaded here."""


class IndexUnwritable(SetupError):
    """The index folder cannot be written."""


class TrainingDataMissing(SetupError):
    """A training file is absent or differs from the one the model was made with."""
