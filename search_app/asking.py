"""The query string <-> a search: what page, API and links share."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from werkzeug.datastructures import MultiDict

from indexer.library import Library
from indexer.types import Facet, Filters, SearchResult
from search_app import addresses

PAGE_SIZE = 10
MAX_SIZE = 50
MAX_PAGE = 100
MAX_VALUE = 60
REPAIR_KINDS = ("script", "english", "pinyin", "wrong-character")
"""What a reader may switch off from the page."""


@dataclass(frozen=True, slots=True)
class Narrowing:
    """One way to narrow a search: its name in addresses, in `Filters`, and on the page."""

    param: str
    name: str
    label: str


NARROWINGS = (
    Narrowing("kind", "kinds", "种类"),
    Narrowing("category", "categories", "类别"),
    Narrowing("validity", "validity", "制度效力"),
    Narrowing("source", "sources", "问题来源"),
    Narrowing("org", "organisations", "适用组织"),
    Narrowing("year", "years", "年份"),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """One search as the address states it."""

    q: str = ""
    filters: Filters = field(default_factory=Filters)
    page: int = 1
    size: int = PAGE_SIZE
    off: tuple[str, ...] = ()

    def answer(self, library: Library) -> SearchResult:
        """Ask the library."""
        return library.search(self.q, self.filters, self.page, self.size, frozenset(self.off))

    def url(self) -> str:
        """Address of this search: fixed order, nothing empty."""
        pairs = [("q", self.q)]
        for narrowing in NARROWINGS:
            pairs += [(narrowing.param, value) for value in getattr(self.filters, narrowing.name)]
        if self.off:
            pairs.append(("off", ",".join(self.off)))
        if self.page > 1:
            pairs.append(("page", str(self.page)))
        return addresses.with_query("searching.search", pairs)

    def at_page(self, page: int) -> Asked:
        """The same search on another page."""
        return replace(self, page=page)

    def without_repair(self, kind: str) -> Asked:
        """The same search without that kind of repair."""
        return replace(self, page=1, off=tuple(dict.fromkeys((*self.off, kind))))

    def toggled(self, name: str, value: str) -> Asked:
        """The same search with one filter value added, or taken away when it is there."""
        chosen = tuple(getattr(self.filters, name))
        wanted = tuple(v for v in chosen if v != value) if value in chosen else (*chosen, value)
        filters = replace(self.filters, **{name: wanted})
        return replace(self, page=1, filters=filters)

    def unfiltered(self) -> Asked:
        """The same words over everything."""
        return replace(self, page=1, filters=Filters())

    @property
    def narrowed(self) -> bool:
        """True when any filter is set."""
        return self.filters != Filters()


@dataclass(frozen=True, slots=True)
class Choice:
    """A filter value as a link that switches it on or off."""

    label: str
    count: int
    active: bool
    url: str


@dataclass(frozen=True, slots=True)
class Group:
    """The choices of one way to narrow."""

    label: str
    choices: tuple[Choice, ...]


def read(args: MultiDict[str, str]) -> Asked:
    """The query string as typed by anybody -> a search; odd values count as absent."""
    chosen = {n.name: _values(args.getlist(n.param)) for n in NARROWINGS}
    off = args.get("off", "").split(",")
    return Asked(
        q=args.get("q", "").strip(),
        filters=Filters(**chosen),
        page=_number(args.get("page", ""), 1, MAX_PAGE),
        size=_number(args.get("size", ""), PAGE_SIZE, MAX_SIZE),
        off=tuple(kind for kind in REPAIR_KINDS if kind in off),
    )


def _values(sent: list[str]) -> tuple[str, ...]:
    """Distinct values that are not empty; longer than any real one is cut."""
    return tuple(dict.fromkeys(value.strip()[:MAX_VALUE] for value in sent if value.strip()))


def _number(text: str, default: int, most: int) -> int:
    try:
        return min(max(int(text[:9]), 1), most)
    except ValueError:
        return default


def groups(asked: Asked, facets: tuple[Facet, ...]) -> tuple[Group, ...]:
    """Facets as links, in the order of NARROWINGS; a group with nothing to choose is left out."""
    found = []
    for narrowing in NARROWINGS:
        choices = tuple(
            Choice(f.label, f.count, f.active, asked.toggled(narrowing.name, f.value).url())
            for f in facets
            if f.field in (narrowing.name, narrowing.param)
        )
        if len(choices) > 1 or any(choice.active for choice in choices):
            found.append(Group(narrowing.label, choices))
    return tuple(found)


def page_numbers(page: int, pages: int) -> tuple[int, ...]:
    """Pages worth a link: first, last and the neighbours; 0 stands for a gap."""
    near = sorted({1, pages, *(n for n in range(page - 2, page + 3) if 1 <= n <= pages)})
    numbers: list[int] = []
    for number in near:
        if numbers and number - numbers[-1] > 1:
            numbers.append(0)
        numbers.append(number)
    return tuple(numbers)
