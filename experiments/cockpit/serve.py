"""`guantong cockpit`: serves the page, on this machine alone unless told otherwise."""

import contextlib
import hmac
import ipaddress
import secrets
import socket
import threading
import webbrowser
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

from experiments import console
from experiments.cockpit.play import playable
from experiments.cockpit.player import Player
from experiments.store import check_writable
from experiments.warm import compile_if_cold
from scenarios.commands import CockpitSettings
from sim.errors import InputError

_COOKIE = "guantong_token"
_PORTS_TRIED = 50  # above one that is in use


def cockpit(overrides: Sequence[str] = ()) -> None:
    """Serve the cockpit until it is stopped. Raises InputError."""
    try:
        import nicegui  # noqa: F401
    except ModuleNotFoundError:
        raise InputError(
            "cockpit: the package nicegui is missing; install the extra 'cockpit': "
            "pip install -c constraints.txt -e '.[cockpit]'"
        ) from None
    settings = next(iter(playable(overrides).values())).settings
    check_writable(settings.results)
    where = settings.cockpit
    with listening(where) as listener:
        compile_if_cold()
        token = None if is_loopback(where.host) else secrets.token_urlsafe(24)
        player = Player(overrides)
        server = _server(player, where, token)
        path = f":{where.port}/" + ("" if token is None else f"?token={token}")
        url, here = (f"http://{host}{path}" for host in _names(where.host))
        console.console.print(f"cockpit: {url}", soft_wrap=True)
        console.console.print("Ctrl-C ends it; closing the browser does not.")
        if where.show:
            threading.Timer(1.0, webbrowser.open, (here,)).start()
        try:
            server.run(sockets=[listener])
        finally:
            player.stop()


def is_loopback(host: str) -> bool:
    """Whether an address can be reached from this machine alone."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _names(host: str) -> tuple[str, str]:
    """How other machines and this one call an address that is listened at; all have no name."""
    if host in ("0.0.0.0", "::"):
        return socket.gethostname(), "localhost"
    return _in_url(host), _in_url(host)


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


@contextlib.contextmanager
def listening(where: CockpitSettings) -> Any:
    """A socket that listens where the settings say. Raises InputError where none can."""
    family = socket.AF_INET6 if ":" in where.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((where.host, where.port))
            listener.listen()
        except PermissionError:
            raise InputError(
                f"cockpit.port: {where.port}; not allowed to this user; allowed: from 1024 on"
            ) from None
        except socket.gaierror:
            raise InputError(
                f"cockpit.host: '{where.host}'; allowed: an address of this machine"
            ) from None
        except OSError as error:
            free = _free_port(where, family)
            if free is None:
                text = f"cockpit.host: '{where.host}': {error.strerror}; allowed: an address of "
                raise InputError(text + "this machine") from None
            raise InputError(
                f"cockpit.port: {where.port}; in use; try cockpit.port={free}"
            ) from None
        yield listener


def _free_port(where: CockpitSettings, family: int) -> int | None:
    """The next port that is free, if one of the next is."""
    for port in range(where.port + 1, min(where.port + _PORTS_TRIED, 65535) + 1):
        with socket.socket(family, socket.SOCK_STREAM) as tried:
            try:
                tried.bind((where.host, port))
                return port
            except OSError:
                continue
    return None


def _server(player: Player, where: CockpitSettings, token: str | None) -> Any:
    """The server of the page, which listens to nobody yet; the play begins once it does.

    Not before: as it starts, NiceGUI takes hold of all objects that there are, and a tuple that
    another thread is just building cannot be finished then (SystemError, bad argument).
    """
    import uvicorn
    from fastapi import FastAPI

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            player.start()

    app = FastAPI(openapi_url=None)
    _add_page(app, player, token)
    guarded = Guard(app, where, token)
    return Server(uvicorn.Config(guarded, log_level="warning", ws="websockets-sansio"))


def _add_page(app: Any, player: Player, token: str | None) -> None:
    from nicegui import Client, ui

    from experiments.cockpit.draw import Focus, checked_language
    from experiments.cockpit.page import Page

    @ui.page("/")
    def page(client: Client, lang: str = "en") -> None:
        Page(player, client, Focus(checked_language(lang)), token).build()

    ui.run_with(
        app,
        title="Guantong",
        tailwind=False,
        show_welcome_message=False,
        message_history_length=0,  # whoever was away sees the next moment, not those missed
    )


class Guard:
    """Lets in whoever has the token, or, without one, whoever asks for this machine by name.

    A page of somebody else that is open in the same browser has neither: its requests name its own
    origin, and a name that was turned to this machine's address is none of ours.
    """

    def __init__(self, app: Any, where: CockpitSettings, token: str | None):
        self._app, self._token = app, token
        names = {"localhost", "127.0.0.1", "[::1]", _in_url(where.host)}
        self._hosts = {f"{name}:{where.port}" for name in names} if token is None else None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): v.decode("latin-1") for name, v in scope["headers"]}
        query = parse_qs(scope["query_string"].decode("latin-1"))
        given = query.get("token", [None])[0]
        if not self._is_ours(headers) or not self._knows(given, headers.get("cookie", "")):
            await _refuse(scope, send)
            return

        async def with_cookie(message: Any) -> None:
            if message["type"] == "http.response.start" and given is not None:
                kept = f"{_COOKIE}={given}; HttpOnly; SameSite=Strict; Path=/"
                message["headers"] = [*message["headers"], (b"set-cookie", kept.encode())]
            await send(message)

        await self._app(scope, receive, with_cookie if self._token else send)

    def _is_ours(self, headers: dict[str, str]) -> bool:
        host, origin = headers.get("host", ""), headers.get("origin")
        if self._hosts is not None and host not in self._hosts:
            return False
        return origin is None or urlsplit(origin).netloc == host

    def _knows(self, given: str | None, cookies: str) -> bool:
        if self._token is None:
            return True
        kept = [each.partition("=") for each in cookies.replace(" ", "").split(";")]
        tried = [given, *(value for name, _, value in kept if name == _COOKIE)]
        return any(_same(each, self._token) for each in tried if each is not None)


def _same(a: str, b: str) -> bool:
    return hmac.compare_digest(a.encode(), b.encode())


async def _refuse(scope: Any, send: Any) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})  # before it is accepted: 403
        return
    headers = [(b"content-type", b"text/plain")]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": b"the address with its token is needed\n"})
