"""What an entry is and where it lives.

from pathlib import Path
from kb import Store, schema

store = Store((Path("."),), local=Path("local"))
record = store.get("dues-overdue")
text = schema.dump(record.entry)
"""

from kb.store import Store
from kb.types import Entry, Finding, Kind, Record

__all__ = ["Entry", "Finding", "Kind", "Record", "Store"]
