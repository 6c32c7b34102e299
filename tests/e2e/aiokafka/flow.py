# SPDX-License-Identifier: Apache-2.0
"""aiokafka as an application that goes on whatever happens; what it does and prints is told in flow.py of the tests.

Apart from client.py because here every record's time counts, and every error that the library shows.
"""

import asyncio
import itertools
import signal
import sys
import time
from collections.abc import Callable

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import KafkaError

PACE_S = 0.01
AGAIN_S = 0.1
END_S = 60
GROUP = {"session_timeout_ms": 6000, "heartbeat_interval_ms": 500, "auto_offset_reset": "earliest"}


def say(what: str, value: object) -> None:
    print(what, value, f"{time.time():.3f}", flush=True)


async def started(make: Callable[[], AIOKafkaProducer | AIOKafkaConsumer]):
    """It gives up when there is no broker, and has to be made again."""
    while True:
        client = make()
        try:
            await client.start()
            return client
        except KafkaError as error:
            say("error", type(error).__name__)
            await client.stop()
            await asyncio.sleep(AGAIN_S)


async def produce(bootstrap: str, topic: str, told_to_end: asyncio.Event) -> int:
    """How many were sent, when all have been acknowledged or given up."""
    producer = await started(lambda: AIOKafkaProducer(bootstrap_servers=bootstrap, enable_idempotence=True))

    def tell(number: int, acknowledged: asyncio.Future) -> None:
        error = acknowledged.exception()
        say("failed" if error else "acknowledged", type(error).__name__ if error else number)

    for number in itertools.count():
        if told_to_end.is_set():
            await producer.stop()
            return number
        say("sent", number)
        acknowledged = await producer.send(topic, str(number).encode())
        acknowledged.add_done_callback(lambda future, number=number: tell(number, future))
        await asyncio.sleep(PACE_S)


async def consume(bootstrap: str, topic: str, got: set[int], all_done: asyncio.Event) -> None:
    consumer = await started(lambda: AIOKafkaConsumer(topic, bootstrap_servers=bootstrap, group_id=topic, metadata_max_age_ms=1000, **GROUP))
    while not all_done.is_set():
        try:
            batches = await consumer.getmany(timeout_ms=20)
        except KafkaError as error:
            say("error", type(error).__name__)
            continue
        for record in itertools.chain(*batches.values()):
            got.add(int(record.value))
            say("received", int(record.value))
    await consumer.stop()


async def main(bootstrap: str, topic: str) -> None:
    told_to_end, all_done = asyncio.Event(), asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told_to_end.set)
    got: set[int] = set()
    members = [asyncio.create_task(consume(bootstrap, topic, got, all_done)) for _ in range(2)]
    sent = await produce(bootstrap, topic, told_to_end)
    deadline = time.monotonic() + END_S
    while len(got) < sent and time.monotonic() < deadline:
        await asyncio.sleep(PACE_S)
    all_done.set()
    await asyncio.gather(*members)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
