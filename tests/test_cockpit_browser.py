"""The cockpit in a real browser: what a person does on the page, and what the page asks for."""

import os
import signal
import socket
import subprocess
import sys
from urllib.parse import urlsplit

import pytest

from tests import browser
from tests.conftest import TINY

pytest.importorskip("nicegui", reason="needs the extra 'cockpit'")
pytestmark = pytest.mark.skipif(browser.found() is None, reason="no Chromium on this machine")

_ENOUGH = 60.0  # seconds until the city is built and warm, on a busy machine


def free_port():
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        return tried.getsockname()[1]


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """The address of a cockpit of the tiny city; it ends by Ctrl-C, and well."""
    results, port = tmp_path_factory.mktemp("results"), free_port()
    settings = [*TINY, f"cockpit.port={port}", "cockpit.show=false", f"results={results}"]
    command = [sys.executable, "-m", "experiments.cli", "cockpit", *settings]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ
    )
    said = process.stdout.readline()
    assert said == f"cockpit: http://127.0.0.1:{port}/\n", process.communicate()
    yield said.split()[1]
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=20)
    assert process.returncode == 130
    assert told == "guantong: stopped; nothing half-written is left\n"


@pytest.fixture(scope="module")
def page(served, tmp_path_factory):
    """The page, once the city is warm."""
    opened = browser.Browser(tmp_path_factory.mktemp("chromium"))
    opened.until(f"fetch('{served}', {{mode: 'no-cors'}}).then(() => true, () => false)", _ENOUGH)
    opened.complaints.clear()
    opened.requests.clear()
    opened.open(served)
    opened.until(f"{text('#gt-state')} === 'Paused'", _ENOUGH)
    yield opened
    opened.close()


def text(selector, number=0):
    """JavaScript for the text of an element."""
    return f"document.querySelectorAll('{selector}')[{number}]?.textContent"


def choose(page, select, option):
    """Choose an option of a list."""
    page.click(select)
    every = "[...document.querySelectorAll('.q-menu .q-item')]"
    items = f"{every}.filter(item => item.innerText === '{option}')"
    page.until(f"{items}.length === 1")
    page.js(f"{items}[0].click()")
    page.until("document.querySelector('.q-menu') === null")


def test_the_page_is_used_from_loading_to_export(page, served, tmp_path):
    """One session, as a lecturer would have it; the browser keeps quiet, and on this machine."""
    page.until("document.querySelectorAll('.gt-side').length === 2")
    page.until(f"Number({text('.gt-loop b')}) > 50")
    assert page.js(f"{text('.gt-head h2')} + {text('.gt-head h2', 1)}") == "SiloedIntegrated"
    assert page.js("document.querySelectorAll('.gt-map g').length") == 4
    page.screenshot(tmp_path / "loaded.png")

    # Step, play, pause.
    clock = page.js(text("#gt-clock"))
    page.click(".gt-do-step")
    page.until(f"{text('#gt-clock')} === 'Thu 17 Oct 2024 01:00'")
    assert clock == "Thu 17 Oct 2024 00:00"
    page.click(".gt-do-play")
    page.until(f"{text('#gt-state')} === 'Playing'")
    page.until("guantong.rate() > 2 && document.querySelector('canvas') !== null")
    page.screenshot(tmp_path / "playing.png")
    choose(page, ".gt-do-speed", "12 h/s")
    page.until("document.querySelector('.gt-do-speed').innerText.includes('12 h/s')")
    page.click(".gt-do-play")
    page.until(f"{text('#gt-state')} === 'Paused'")

    # A slider, dragged; it acts on the right side.
    slider = ".gt-levers-merging"
    left, width, y = page.js(
        f"(() => {{ const slider = document.querySelector('{slider}'); slider.scrollIntoView();"
        "const box = slider.getBoundingClientRect();"
        "return [box.x, box.width, box.y + box.height / 2]; })()"
    )
    page.press(left + 0.3 * width, y)
    page.until("document.body.innerText.includes('Merging of reports of Integrated: in force')")

    # A storm, alike on both sides.
    page.click(".gt-do-storm")
    page.until("document.querySelector('.gt-do-storm_go') !== null")
    page.js("document.querySelector('.gt-do-storm_go').click()")
    page.until("document.body.innerText.includes('alike on both sides')")

    # Down to one incident, and up again.
    page.until("!document.querySelector('.q-dialog__backdrop')")
    page.click(".gt-map g", 0)
    page.until(f"{text('#gt-crumbs')} === 'Whole city › Qingshi'")
    page.click(".gt-map g", 0)
    page.until(f"{text('.gt-list h3')} .startsWith('Open incidents: ')")
    page.until("document.querySelector('.gt-list .gt-row') !== null")
    page.click(".gt-list .gt-row")
    page.until(f"{text('.gt-list h3')} === 'Path so far'")
    page.until("document.querySelectorAll('.gt-step').length > 1")
    assert page.js(text(".gt-step b")) == "occurred"
    page.screenshot(tmp_path / "incident.png")
    page.click("#gt-crumbs button", 0)
    page.until(f"{text('#gt-crumbs')} === 'Whole city' && {text('.gt-list h3')} === 'Alarms'")
    page.js("document.querySelector('[data-measure=latency]').click()")
    page.until(f"{text('#gt-unit')}.includes('latency')")

    # What was done is what is exported.
    page.click(".gt-do-export")
    page.until(f"{text('.gt-exported')}")
    exported = page.js("document.querySelector('.q-dialog').innerText")
    assert "levers: {merging: 0.3}" in exported
    assert exported.count("stream.storms") == 2

    # Another policy; the pace is as it was chosen.
    page.js("[...document.querySelectorAll('.q-dialog button')].at(-1).click()")
    page.until("!document.querySelector('.q-dialog__backdrop')")
    choose(page, ".gt-do-left", "Paper")
    page.click(".gt-do-open")
    page.until(f"{text('.gt-head h2')} === 'Paper' && {text('#gt-state')} === 'Paused'", _ENOUGH)
    assert "12 h/s" in page.js("document.querySelector('.gt-do-speed').innerText")

    # The other language, by a click; the play is as it was.
    before = page.js(text(".gt-loop b"))
    page.open(f"{served}?lang=zh")
    page.until(f"{text('.gt-head h2', 1)} === '贯通'")
    page.until(f"{text('#gt-clock')}.includes('2024年10月17日')")
    page.until(f"{text('.gt-loop b')} === '{before}'")
    page.screenshot(tmp_path / "chinese.png")
    page.js("[...document.querySelectorAll('.gt-top button')].at(-1).click()")
    page.until(f"{text('.gt-head h2')} === 'Paper'")

    assert page.complaints == []
    own = urlsplit(served).netloc
    asked = {
        urlsplit(url).netloc for url in page.requests if not url.startswith(("data:", "blob:"))
    }
    assert asked == {own}
    assert len(list(tmp_path.glob("*.png"))) == 4


def test_closing_the_browser_stops_nothing(page, served, tmp_path):
    """Two look at one play; one leaves; it goes on."""
    other = browser.Browser(tmp_path)
    other.open(served)
    other.until(f"{text('#gt-state')} === 'Paused'")
    clock = other.js(text("#gt-clock"))
    other.click(".gt-do-play")
    page.until(f"{text('#gt-state')} === 'Playing'")
    other.close()
    page.until(f"{text('#gt-clock')} !== '{clock}'")
    page.until(f"{text('#gt-state')} === 'Playing'")
    page.click(".gt-do-play")
    page.until(f"{text('#gt-state')} === 'Paused'")
