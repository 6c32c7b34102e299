# SPDX-License-Identifier: Apache-2.0
"""A headless Chromium, driven by the WebDriver protocol (https://www.w3.org/TR/webdriver2/) through Debian's chromedriver.

Apart from the tests, and without a library: the protocol is JSON over HTTP, and a page's test needs a handful of its commands.
"""

import base64
import json
import shutil
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.e2e.flow import wait_until
from tests.kafka.net import free_port

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # the protocol's name for a reference to an element
TIMEOUT_S = 120
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --disable-dev-shm-usage --hide-scrollbars"
).split()


class Browser:
    def __init__(self, folder: Path):
        if not shutil.which("chromedriver") or not shutil.which("chromium"):
            pytest.skip("chromium and chromium-driver are not installed")
        self.port = free_port()
        self.driver = subprocess.Popen(["chromedriver", f"--port={self.port}", f"--log-path={folder / 'chromedriver.log'}"])
        wait_until(self._answers, "chromedriver answers", TIMEOUT_S)
        options = {"binary": shutil.which("chromium"), "args": [*FLAGS, f"--user-data-dir={folder / 'profile'}"]}
        timeouts = {"script": 1000 * TIMEOUT_S, "pageLoad": 1000 * TIMEOUT_S}
        wanted = {"timeouts": timeouts, "goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}
        self.session = f"/session/{self._send('POST', '/session', capabilities={'alwaysMatch': wanted})['sessionId']}"

    def _send(self, method: str, path: str, **body):
        data = json.dumps(body).encode() if method == "POST" else None
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise AssertionError(json.load(error)["value"]["message"]) from error

    def _answers(self) -> bool:
        try:
            return self._send("GET", "/status")["ready"]
        except OSError:
            return False

    def quit(self) -> None:
        try:
            self._send("DELETE", self.session)
        finally:
            self.driver.terminate()
            self.driver.wait(TIMEOUT_S)

    # ---- a page

    def open(self, url: str) -> None:
        self._send("POST", f"{self.session}/url", url=url)

    def run(self, script: str, *arguments):
        """The value of a script, which may be a promise."""
        wrapped = f"const done = arguments[arguments.length - 1]; (async (...arguments) => {{ {script} }})(...arguments).then(done, (error) => done(String(error)))"
        return self._send("POST", f"{self.session}/execute/async", script=wrapped, args=list(arguments))

    def find(self, selector: str) -> str:
        """The path of the first element, for click and type."""
        found = self._send("POST", f"{self.session}/element", using="css selector", value=selector)
        return f"{self.session}/element/{found[ELEMENT]}"

    def click(self, selector: str) -> None:
        self.run("document.querySelector(arguments[0])?.scrollIntoView({ block: 'center' })", selector)
        self._send("POST", f"{self.find(selector)}/click")

    def type(self, selector: str, text: str) -> None:
        self._send("POST", f"{self.find(selector)}/value", text=text)

    def press(self, key: str) -> None:
        """One key, where the focus is."""
        actions = [{"type": "keyDown", "value": key}, {"type": "keyUp", "value": key}]
        self._send("POST", f"{self.session}/actions", actions=[{"type": "key", "id": "keyboard", "actions": actions}])

    def text(self, selector: str = "body") -> str:
        return self.run("return document.querySelector(arguments[0])?.innerText ?? ''", selector)

    def wait_for(self, text: str, selector: str = "body") -> None:
        try:
            wait_until(lambda: text in self.text(selector), f"{selector} shows {text!r}")
        except AssertionError as late:
            raise AssertionError(f"{late}, but {self.text(selector)!r}") from None

    def console(self) -> list[str]:
        """What was written since the last call, but for mere information."""
        entries = self._send("POST", f"{self.session}/se/log", type="browser")
        return [entry["message"] for entry in entries if entry["level"] in ("WARNING", "SEVERE")]

    # ---- how it looks

    def _command(self, name: str, **parameters):
        return self._send("POST", f"{self.session}/goog/cdp/execute", cmd=name, params=parameters)

    def look(self, theme: str, width: int, height: int = 1000) -> None:
        self._command("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": theme}])
        self._command("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def picture(self, path: Path) -> None:
        """The whole page."""
        self.run("window.scrollTo(0, 0)")
        taken = self._command("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(taken["data"]))
