# SPDX-License-Identifier: Apache-2.0
"""A stream processor as teams write it: Faust on aiokafka, values in Avro, two agents and a table.

Sends itself orders, lets one agent turn them into payments and the other add these up in a table, ends when all have come, and
fails when a sum is not what it must be. Knows one address, KAFKA.
"""

import asyncio
import io
import os
import signal
import uuid

import fastavro
import faust
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

KAFKA = os.environ["KAFKA"]
ORDERS = 1000
CUSTOMERS = 10
SCHEMA = fastavro.parse_schema({
    "type": "record", "name": "Order",
    "fields": [{"name": "customer", "type": "string"}, {"name": "amount", "type": "long"}],
})  # fmt: skip


class Avro(faust.Codec):
    def _dumps(self, value) -> bytes:
        out = io.BytesIO()
        fastavro.schemaless_writer(out, SCHEMA, value)
        return out.getvalue()

    def _loads(self, raw: bytes):
        return fastavro.schemaless_reader(io.BytesIO(raw), SCHEMA)


faust.serializers.codecs.register("order", Avro())
app = faust.App(
    f"faust-{uuid.uuid4().hex}", broker=f"kafka://{KAFKA}", store="memory://", topic_partitions=2,
    topic_replication_factor=1, stream_wait_empty=False, web_enabled=False, topic_disable_leader=True,
    worker_redirect_stdouts=False,
)  # fmt: skip
orders = app.topic(f"{app.conf.id}-orders", value_serializer="order")
payments = app.topic(f"{app.conf.id}-payments", value_serializer="order")
totals = app.Table("totals", default=int)
seen = 0


@app.agent(orders)
async def pay(stream):
    async for order in stream:
        await payments.send(key=order["customer"], value={"customer": order["customer"], "amount": 2 * order["amount"]})


@app.agent(payments)
async def add(stream):
    global seen
    async for payment in stream:
        totals[payment["customer"]] += payment["amount"]
        seen += 1


def expected() -> dict[str, int]:
    amounts: dict[str, int] = {}
    for number in range(ORDERS):
        customer = f"customer-{number % CUSTOMERS}"
        amounts[customer] = amounts.get(customer, 0) + 2 * number
    return amounts


@app.task
async def send_and_check():
    for number in range(ORDERS):
        customer = f"customer-{number % CUSTOMERS}"
        await orders.send(key=customer, value={"customer": customer, "amount": number})
    while seen < ORDERS:
        await asyncio.sleep(0.05)
    right = seen == ORDERS and dict(totals) == expected()
    print(f"SUMS {'right' if right else 'wrong'}: {seen} payments, {dict(totals)}", flush=True)
    os.kill(os.getpid(), signal.SIGTERM)


async def create_topics() -> None:
    """Before the worker joins its group: Faust leaves out a topic that is not there yet."""
    admin = AIOKafkaAdminClient(bootstrap_servers=KAFKA)
    await admin.start()
    await admin.create_topics([NewTopic(name, 2, 1) for topic in (orders, payments) for name in topic.topics])
    await admin.close()


if __name__ == "__main__":
    asyncio.run(create_topics())
    faust.Worker(app, loglevel="warning").execute_from_commandline()
