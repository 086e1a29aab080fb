"""Searches have their turns in the order in which they came; everything else is answered at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import run_wsgi_app

from search_app.factory import SEARCHES
from search_app.turns import InTurn, Turns

SOON = 5.0
"""Seconds after which a test that waits has failed."""


def until(true: Any) -> None:
    end = time.monotonic() + SOON
    while not true():
        assert time.monotonic() < end
        time.sleep(0.001)


def test_whoever_waits_longest_is_next() -> None:
    turns, order = Turns(1), list[int]()

    def work(number: int) -> None:
        with turns.turn():
            order.append(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    with turns.turn():
        for number, thread in enumerate(threads, 1):
            thread.start()
            until(lambda number=number: len(turns._waiting) == number)
        assert order == []
    for thread in threads:
        thread.join(SOON)
    assert order == list(range(6))


@pytest.mark.parametrize("at_once", [1, 2, 3])
def test_no_more_at_once_than_allowed(at_once: int) -> None:
    turns, inside, most = Turns(at_once), list[int](), list[int]()

    def work() -> None:
        for _ in range(20):
            with turns.turn():
                inside.append(1)
                most.append(len(inside))
                time.sleep(0.0005)
                inside.pop()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SOON)
    assert len(most) == 120 and max(most) == at_once


def test_a_failed_answer_gives_its_turn_back() -> None:
    turns = Turns(1)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), turns.turn():
            raise ZeroDivisionError
    with turns.turn():
        pass


def test_other_pages_do_not_wait_for_a_search() -> None:
    going, done = threading.Event(), threading.Event()

    def app(environ: Any, start_response: Any) -> Iterator[bytes]:
        if environ["PATH_INFO"] == "/slow":
            going.set()
            assert done.wait(SOON)
        start_response("200 OK", [])
        return iter([environ["PATH_INFO"].encode()])

    answered: list[bytes] = []

    turned = InTurn(app, ("/slow", "/next"), 1)

    def ask(path: str) -> None:
        environ = {"PATH_INFO": path, "REQUEST_METHOD": "GET"}
        answered.append(b"".join(run_wsgi_app(turned, environ)[0]))

    slow, after = (threading.Thread(target=ask, args=(path,)) for path in ("/slow", "/next"))
    slow.start()
    assert going.wait(SOON)
    after.start()
    until(lambda: turned._turns._waiting)
    ask("/else")
    assert answered == [b"/else"]
    done.set()
    slow.join(SOON)
    after.join(SOON)
    assert answered == [b"/else", b"/slow", b"/next"]


def test_the_addresses_of_searches_are_those_of_the_site(client: FlaskClient) -> None:
    app = client.application
    assert isinstance(app.wsgi_app, InTurn)
    assert set(SEARCHES) <= {rule.rule for rule in app.url_map.iter_rules()}
