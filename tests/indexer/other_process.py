"""A second process on the same folder: `python -m tests.indexer.other_process FOLDER save|rebuild COUNT`.

Prints each id, or a number, as soon as it was told that the work is done.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.indexer.samples import new_case, open_library


def tell(done: str) -> None:
    sys.stdout.write(done + "\n")
    sys.stdout.flush()


def main(folder: Path, work: str, count: int) -> None:
    library = open_library(folder)
    for number in range(count):
        if work == "save":
            library.save(new_case(f"other-{number}", f"另一进程存的第{number}个石榴树案例"), None)
            tell(f"other-{number}")
        else:
            library.rebuild()
            tell(f"{number}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
