# SPDX-License-Identifier: Apache-2.0
"""The page in a headless Chromium, in front of a mock broker: what a person sees, clicks and hears read out, and in both themes.

KBRIDGE_PICTURES names a folder for the pictures.
"""

import os
from pathlib import Path

import pytest
from confluent_kafka import Consumer, Producer

from tests.admin_test import Admin
from tests.browser import Browser
from tests.e2e.flow import wait_until
from tests.e2e.toolchains import npm_project

WAIT_S = 60
LOOKS = [(theme, width) for theme in ("light", "dark") for width in (1400, 390)]
KEY_TAB, KEY_ENTER = "\ue004", "\ue007"


@pytest.fixture(scope="module")
def axe() -> str:
    return (npm_project(Path(__file__).with_name("page")) / "node_modules/axe-core/axe.min.js").read_text()


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    browser = Browser(tmp_path_factory.mktemp("browser"))
    yield browser
    browser.quit()


@pytest.fixture
def page(browser, tmp_path):
    """The page, open, and what it is of; it ends without a word on the console."""
    admin = Admin(tmp_path)
    browser.look("light", 1400)
    browser.open(f"http://localhost:{admin.port}/")
    browser.wait_for("Kafka answers", "#ready")
    browser.console()  # what the page before has left
    yield browser, admin
    said = browser.console()
    browser.open("about:blank")
    assert admin.kbridge.stop(WAIT_S) == 0
    assert "Sanitizer" not in admin.log()
    admin.mock.kill()
    assert said == []


class Clients:
    """A producer and a consumer that keep on until they are closed."""

    def __init__(self, address: str, topic: str):
        self.topic = topic
        self.producer = Producer({"bootstrap.servers": address, "client.id": "shop"})
        # Where its broker is down, it waits for the end of its session before it ends.
        session = {"group.id": topic, "session.timeout.ms": 6000, "auto.offset.reset": "earliest"}
        self.consumer = Consumer({"bootstrap.servers": address, "client.id": "billing", **session})
        self.consumer.subscribe([topic])

    def pass_some(self) -> None:
        for number in range(100):
            self.producer.produce(self.topic, f"order {number} of this day, with all that belongs to it")
        assert self.producer.flush(WAIT_S) == 0
        wait_until(lambda: self.consumer.poll(0.2) is not None, "a record is consumed", WAIT_S)

    def close(self) -> None:
        self.consumer.close()


@pytest.fixture
def clients(page):
    started = Clients(page[1].address, "orders")
    started.pass_some()
    yield started
    started.close()


def violations(browser: Browser, axe: str) -> list[str]:
    """What axe-core finds: the rule, and the elements that break it."""
    browser.run("if (!window.axe) (0, eval)(arguments[0])", axe)
    found = browser.run("return (await axe.run()).violations.map((one) => [one.id, one.help, one.nodes.map((node) => node.html.slice(0, 200))])")
    return [f"{rule}: {help_text}: {nodes}" for rule, help_text, nodes in found]


def picture(browser: Browser, what: str) -> None:
    folder = os.environ.get("KBRIDGE_PICTURES")
    if folder:
        browser.picture(Path(folder) / f"{what}.png")


def check_looks(browser: Browser, axe: str, what: str) -> None:
    for theme, width in LOOKS:
        browser.look(theme, width)
        wide = browser.run("return document.documentElement.scrollWidth")
        assert wide <= width, f"the page is {wide} wide where {width} are there"
        assert violations(browser, axe) == [], f"{what}, {theme}, {width} wide"
        picture(browser, f"{what}-{theme}-{width}")


def test_it_shows_brokers_clients_topics_and_who_is_told_what(page, clients, axe):
    browser, admin = page
    browser.wait_for("None: Kafka answers", "#problems")
    browser.wait_for(admin.mock.log.read_text().split()[0], '[data-table="brokers"]')
    browser.wait_for(admin.address, '[data-table="told"]')
    browser.wait_for("it comes from this machine", '[data-table="told"]')
    for client in ("shop", "billing"):
        browser.wait_for(client, '[data-table="clients"]')
        browser.wait_for(client, '[data-table="connections"]')
    browser.wait_for(clients.topic, '[data-table="topics"]')
    browser.wait_for("Produce", '[data-table="apis"]')
    browser.click("#traffic-switch")
    browser.wait_for("One line for each request", "#traffic-note")
    clients.pass_some()
    browser.wait_for("Produce v", '[data-table="traffic"]')
    check_looks(browser, axe, "live")


def test_traffic_is_filtered_stopped_expanded_and_cleared_by_clicks_and_keys(page, clients):
    browser, _ = page
    table = '[data-table="traffic"]'
    browser.type('[name="only"]', "nonsense")
    browser.click("#traffic-switch")
    browser.wait_for('"nonsense" is no API of Kafka', "#traffic-note")
    browser.run("document.querySelector('[name=\"only\"]').value = ''")
    browser.type('[name="only"]', "produce")
    browser.click("#traffic-switch")
    browser.wait_for("One line for each request", "#traffic-note")
    clients.pass_some()
    browser.wait_for("Produce v", table)
    assert "Fetch v" not in browser.text(table)
    browser.run("document.querySelector('.open').focus()")
    browser.press(KEY_ENTER)
    browser.wait_for('"correlation_id": ', table)
    browser.press(KEY_ENTER)
    wait_until(lambda: '"correlation_id": ' not in browser.text(table), "it is closed again")
    browser.click("#traffic-hold")
    browser.wait_for("Stopped", "#traffic-note")
    browser.click("#traffic-clear")
    clients.pass_some()
    browser.click("#traffic-hold")
    clients.pass_some()
    browser.wait_for("Produce v", table)
    browser.click("#traffic-switch")
    browser.wait_for("Show traffic", "#traffic-switch")


def test_tables_are_sorted_and_filtered_by_clicks_and_the_first_tab_leads_to_the_problems(page, clients):
    browser, _ = page
    browser.press(KEY_TAB)
    assert browser.run("return document.activeElement.innerText") == "To the problems"
    browser.wait_for("billing", '[data-table="clients"]')
    browser.click('[data-table="clients"] thead th:first-child button')
    assert browser.run("return document.querySelector('[data-table=\"clients\"] th[aria-sort]').innerText").startswith("Client")
    first = browser.run("return document.querySelector('[data-table=\"clients\"] tbody th').innerText")
    assert first == "billing"
    browser.type("#connection-filter", "shop")
    wait_until(lambda: "billing" not in browser.text('[data-table="connections"]'), "only shop's connections are shown")


def test_a_broker_that_is_down_comes_first_as_a_sentence(page, clients, axe):
    browser, admin = page
    admin.mock.kill()
    browser.wait_for("Kafka does not answer", "#ready")
    browser.wait_for("connection refused (nobody listens there)", "#problems li:first-child")
    browser.wait_for("held until a broker can be reached", "#problems")
    check_looks(browser, axe, "down")
