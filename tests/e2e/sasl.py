# SPDX-License-Identifier: Apache-2.0
"""Clients that authenticate, and a broker that asks them to.

Apart from clients.py because each client has a way of its own to be told of a user and a password.
"""

import base64
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from confluent_kafka.admin import AdminClient, ScramCredentialInfo, ScramMechanism, UserScramCredentialUpsertion

from tests.e2e.clients import Client
from tests.e2e.direct import ANSWER_TIMEOUT_S

USER, PASSWORD = "alice", "alices-very-own-word"
SCRAM = "SCRAM-SHA-256"
MECHANISMS = ["PLAIN", SCRAM]
# So that a client that stays for some seconds has to authenticate again and again.
LIFETIME_MS = 3000

_JAAS = "org.apache.kafka.common.security.{}LoginModule required"
_MODULES = {
    "PLAIN": _JAAS.format("plain.Plain"),
    SCRAM: _JAAS.format("scram.Scram"),
    "OAUTHBEARER": _JAAS.format("oauthbearer.OAuthBearer"),
}


def _of_listeners(setting: str, value: object) -> dict[str, object]:
    return {f"listener.name.{listener}.{setting}": value for listener in ("client", "direct")}


BROKER = {
    "sasl.enabled.mechanisms": ",".join(_MODULES),
    "connections.max.reauth.ms": LIFETIME_MS,
    **_of_listeners("plain.sasl.jaas.config", f'{_MODULES["PLAIN"]} user_{USER}="{PASSWORD}";'),
    **_of_listeners("scram-sha-256.sasl.jaas.config", f"{_MODULES[SCRAM]};"),
    # Tokens without a signature, which Kafka takes as long as nobody configures who checks them.
    **_of_listeners("oauthbearer.sasl.jaas.config", f"{_MODULES['OAUTHBEARER']};"),
}


@dataclass(frozen=True)
class Login:
    mechanism: str
    password: str = PASSWORD

    def of_librdkafka(self) -> dict[str, object]:
        if self.mechanism == "OAUTHBEARER":
            oauth = {"enable.sasl.oauthbearer.unsecure.jwt": True, "sasl.oauthbearer.config": f"principal={USER}"}
            return {**self._common(), **oauth}
        return {**self._common(), "sasl.username": USER, "sasl.password": self.password}

    def of_java(self) -> dict[str, str]:
        named = f'username="{USER}" password="{self.password}"'
        options = f'unsecuredLoginStringClaim_sub="{USER}"' if self.mechanism == "OAUTHBEARER" else named
        return {**self._common(), "sasl.jaas.config": f"{_MODULES[self.mechanism]} {options};"}

    def of_kafkajs(self) -> dict[str, object]:
        if self.mechanism == "OAUTHBEARER":
            return {"token": _token()}
        return {"sasl": {"mechanism": self.mechanism.lower(), "username": USER, "password": self.password}}

    def _common(self) -> dict[str, str]:
        return {"security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": self.mechanism}


def _token() -> str:
    claims = {"sub": USER, "iat": int(time.time()), "exp": int(time.time()) + 3600}
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in ({"alg": "none"}, claims)]
    return ".".join([*parts, ""])


def create_user(bootstrap: str) -> None:
    """For SCRAM; PLAIN has its users in the settings of the broker."""
    secret = UserScramCredentialUpsertion(USER, ScramCredentialInfo(ScramMechanism.SCRAM_SHA_256, 4096), PASSWORD.encode())
    admin = AdminClient({"bootstrap.servers": bootstrap})
    for done in admin.alter_user_scram_credentials([secret]).values():
        done.result(ANSWER_TIMEOUT_S)


def logged_in(client: Client, login: Login) -> Client:
    """The same client, authenticating."""
    tell = _WAYS[client.name]
    return replace(
        client,
        produce=lambda *arguments: tell(client.produce(*arguments), login),
        consume=lambda *arguments: tell(client.consume(*arguments), login),
    )


def secrets_in(log: bytes) -> list[bytes]:
    """What of a client's proofs stands in a log: the password in any dress, the token of PLAIN or OAUTHBEARER, the
    messages of SCRAM."""
    word = PASSWORD.encode()
    plain = f"\0{USER}\0".encode()
    secrets = [word, word[-10:], base64.b64encode(word), word.hex().encode(), plain, rb"\x00" + USER.encode(), b"n,,n=", b",p=", b"eyJ"]
    return [secret for secret in secrets if secret in log]


def _options(flag: str, settings: dict[str, object]) -> list[str]:
    return [word for name, value in settings.items() for word in (flag, f"{name}={value}")]


_WAYS: dict[str, Callable[[list[str], Login], list[str]]] = {
    "kcat": lambda command, login: [command[0], *_options("-X", login.of_librdkafka()), *command[1:]],
    "confluent-kafka": lambda command, login: ["env", f"KAFKA_SETTINGS={json.dumps(login.of_librdkafka())}", *command],
    "kafkajs": lambda command, login: ["env", f"KAFKA_SETTINGS={json.dumps(login.of_kafkajs())}", *command],
    "java-console": lambda command, login: [*command, *_options("--command-property", login.of_java())],
}
