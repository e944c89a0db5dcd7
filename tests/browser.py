"""A headless Chromium, driven by its DevTools protocol over a websocket: no driver of its own is
needed, and the library comes with the cockpit."""

import base64
import contextlib
import json
import shutil
import subprocess
import time
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome")
_WAIT = 20.0  # seconds for anything to come true


def found() -> str | None:
    """Where Chromium is, or None."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class Browser:
    """One page. Attributes: requests (addresses asked for), complaints (errors of the console)."""

    def __init__(self, folder: Path, width: int = 1600, height: int = 900):
        from websockets.sync.client import connect

        self.requests: list[str] = []
        self.complaints: list[str] = []
        self._number = 0
        options = ("--headless=new", "--no-sandbox", "--disable-gpu", "--mute-audio")
        options += ("--no-first-run", "--disable-background-networking", "--disable-sync")
        options += ("--disable-component-update", "--disable-default-apps", "--no-proxy-server")
        command = [found(), *options, "--remote-debugging-port=0", f"--user-data-dir={folder}"]
        command += [f"--window-size={width},{height}", "about:blank"]
        self._process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        said = folder / "DevToolsActivePort"
        _until(lambda: said.exists() and said.read_text().count("\n") >= 1)
        port, path = said.read_text().splitlines()[:2]
        self._open = contextlib.ExitStack()
        connection = connect(f"ws://127.0.0.1:{port}{path}", max_size=None, proxy=None)
        self._socket = self._open.enter_context(connection)
        self._session = None
        target = self.do("Target.getTargets")["targetInfos"]
        page = next(t["targetId"] for t in target if t["type"] == "page")
        attached = self.do("Target.attachToTarget", targetId=page, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.do(f"{domain}.enable")
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.do("Emulation.setDeviceMetricsOverride", **size)

    def do(self, method, **parameters):
        """A command of the protocol, and its result."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        self._socket.send(json.dumps(message))
        while True:
            answer = json.loads(self._socket.recv(timeout=_WAIT))
            if answer.get("id") == self._number:
                assert "error" not in answer, (method, answer["error"])
                return answer["result"]
            self._note(answer)

    def _note(self, event):
        method, told = event.get("method"), event.get("params", {})
        if method == "Network.requestWillBeSent":
            self.requests.append(told["request"]["url"])
        elif method == "Network.webSocketCreated":
            self.requests.append(told["url"])
        elif method == "Runtime.exceptionThrown":
            self.complaints.append(json.dumps(told["exceptionDetails"])[:2000])
        elif method == "Runtime.consoleAPICalled" and told["type"] in ("error", "warning"):
            self.complaints.append(json.dumps(told["args"])[:2000])
        elif method == "Log.entryAdded" and told["entry"]["level"] in ("error", "warning"):
            self.complaints.append(json.dumps(told["entry"])[:2000])

    def open(self, url):
        """Go to an address."""
        self.do("Page.navigate", url=url)

    def js(self, code):
        """What an expression of JavaScript gives."""
        given = self.do("Runtime.evaluate", expression=code, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in given, given
        return given["result"].get("value")

    def until(self, code, seconds=_WAIT):
        """Wait until an expression is true; returns what it gives."""
        return _until(lambda: self.js(code), seconds, code)

    def click(self, selector, number=0):
        """Press the mouse on the middle of an element."""
        place = self.js(
            f"(() => {{ const all = [...document.querySelectorAll({json.dumps(selector)})];"
            f"const box = all[{number}].getBoundingClientRect();"
            "return [box.x + box.width / 2, box.y + box.height / 2]; })()"
        )
        self.press(*place)

    def press(self, x, y):
        """Press the mouse at a place."""
        mouse = {"x": x, "y": y, "button": "left", "clickCount": 1}
        for kind in ("mousePressed", "mouseReleased"):
            self.do("Input.dispatchMouseEvent", type=kind, **mouse)

    def screenshot(self, path):
        """Write what the page looks like."""
        shot = self.do("Page.captureScreenshot", format="png")
        Path(path).write_bytes(base64.b64decode(shot["data"]))

    def close(self):
        """End the browser."""
        self._session = None
        self.do("Browser.close")
        self._open.close()
        self._process.wait(timeout=_WAIT)


def _until(true, seconds=_WAIT, what="the browser"):
    ended = time.monotonic() + seconds
    while time.monotonic() < ended:
        value = true()
        if value:
            return value
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s: {what}")
