"""Who is let in, and what is said where the cockpit cannot listen."""

import asyncio
import contextlib
import socket
import sys

import pytest

from experiments.cockpit import serve
from experiments.cockpit.serve import Guard, _names, cockpit, is_loopback, listening
from scenarios.commands import CockpitSettings
from sim.errors import InputError
from tests.conftest import TINY

TOKEN = "as good as any"


def where(host="127.0.0.1", port=8080):
    return CockpitSettings(host=host, port=port, show=False)


def answered(guard, kind="http", query="", **headers):
    """The messages of the answer to a request."""
    told = []

    async def send(message):
        told.append(message)

    fields = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": kind, "query_string": query.encode(), "headers": fields}
    asyncio.run(guard(scope, None, send))
    return told


async def page(scope, receive, send):
    """What is guarded."""
    kind = "websocket.accept" if scope["type"] == "websocket" else "http.response.start"
    await send({"type": kind, "status": 200, "headers": []})


def status(told):
    return told[0].get("status"), told[0]["type"]


LET_IN = {"http": (200, "http.response.start"), "websocket": (200, "websocket.accept")}
REFUSED = {"http": (403, "http.response.start"), "websocket": (None, "websocket.close")}


@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_other_machines_need_the_token(kind):
    guard = Guard(page, where("0.0.0.0"), TOKEN)
    host = {"host": "10.0.0.7:8080"}
    assert status(answered(guard, kind, **host)) == REFUSED[kind]
    assert status(answered(guard, kind, "token=guessed", **host)) == REFUSED[kind]
    assert status(answered(guard, kind, cookie="guantong_token=x", **host)) == REFUSED[kind]
    query = f"token={TOKEN.replace(' ', '+')}"
    assert status(answered(guard, kind, query, **host)) == LET_IN[kind]
    assert (
        status(answered(guard, kind, query, origin="http://evil.example", **host))
        == (REFUSED[kind])
    )


def test_whoever_came_with_the_token_keeps_it_in_a_cookie():
    guard = Guard(page, where("0.0.0.0"), "abc")
    (started,) = answered(guard, query="token=abc", host="10.0.0.7:8080")
    (cookie,) = [value.decode() for name, value in started["headers"] if name == b"set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    told = answered(guard, cookie=f"other=1; {cookie.split(';')[0]}", host="10.0.0.7:8080")
    assert status(told) == LET_IN["http"]
    assert told[0]["headers"] == []


@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_on_this_machine_alone_pages_of_others_are_kept_out(kind):
    guard = Guard(page, where(), None)
    assert status(answered(guard, kind, host="127.0.0.1:8080")) == LET_IN[kind]
    assert status(answered(guard, kind, host="localhost:8080")) == LET_IN[kind]
    ours = {"host": "127.0.0.1:8080", "origin": "http://127.0.0.1:8080"}
    assert status(answered(guard, kind, **ours)) == LET_IN[kind]
    theirs = ours | {"origin": "http://evil.example"}
    assert status(answered(guard, kind, **theirs)) == REFUSED[kind]
    turned = {"host": "evil.example:8080", "origin": "http://evil.example:8080"}
    assert status(answered(guard, kind, **turned)) == REFUSED[kind]


@pytest.mark.parametrize(
    ("host", "is_own"),
    [
        *(("127.0.0.1", True), ("127.8.9.1", True), ("::1", True), ("localhost", True)),
        *(("0.0.0.0", False), ("::", False), ("192.168.1.5", False), ("example", False)),
    ],
)
def test_a_loopback_address_is_known(host, is_own):
    assert is_loopback(host) is is_own


def test_an_address_is_told_as_others_and_this_machine_call_it():
    assert _names("127.0.0.1") == ("127.0.0.1", "127.0.0.1")
    assert _names("::1") == ("[::1]", "[::1]")
    assert _names("0.0.0.0") == (socket.gethostname(), "localhost")


def test_a_port_in_use_is_told_with_one_that_is_free():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(InputError, match=rf"cockpit.port: {port}; in use; try") as told:
            cockpit([*TINY, f"cockpit.port={port}", "cockpit.show=false"])
    free = int(str(told.value).rpartition("=")[2])
    with listening(where(port=free)) as listener:
        assert listener.getsockname() == ("127.0.0.1", free)


@pytest.mark.parametrize("host", ["203.0.113.7", "no.such.name.invalid"])
def test_an_address_of_another_machine_is_refused(host):
    with (
        pytest.raises(InputError, match=rf"cockpit.host: '{host}'.*allowed: an address of this"),
        listening(where(host)),
    ):
        pass


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (["policies=[siloed,nobody]"], "policy: 'nobody' is not there"),
        (["policies=[siloed,integrated,paper]"], "policies: .*; allowed: one, or two"),
        (["city.district=Nowhere"], "city.district: 'Nowhere' is no district"),
        (["clock=simpy"], "clock: simpy; allowed in the cockpit: compiled"),
    ],
)
def test_what_cannot_be_played_is_refused_before_anything_is_served(given, told):
    with pytest.raises(InputError, match=told):
        cockpit([*TINY, *given, "cockpit.show=false"])


def test_the_play_begins_once_the_server_has_started(monkeypatch):
    order = []

    class Player:
        def start(self):
            order.append("play")

    def add_page(app, player, token):
        @contextlib.asynccontextmanager
        async def life(app):
            order.append("server")  # here NiceGUI takes hold of every object that there is
            yield

        app.router.lifespan_context = life

    monkeypatch.setattr(serve, "_add_page", add_page)
    with listening(where(port=0)) as listener:
        server = serve._server(Player(), where(), None)
        server.should_exit = True
        asyncio.run(server.serve(sockets=[listener]))
    assert order == ["server", "play"]


def test_without_the_package_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "nicegui", None)
    with pytest.raises(InputError, match="install the extra 'cockpit'"):
        cockpit(TINY)
