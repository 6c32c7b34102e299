// SPDX-License-Identifier: Apache-2.0
// kafkajs as a client: `produce` sends stdin line by line, `consume` prints each record's value until SIGTERM; `transact` sends
// each line of stdin, `commit VALUE` or `abort VALUE`, to every partition in a transaction. KAFKA_SETTINGS
// are more settings of kafkajs, in JSON.

const { CompressionTypes, Kafka, logLevel } = require("kafkajs");

const BATCH = 500;
const [action, bootstrap, topic, ...more] = process.argv.slice(2);
// Of a test that authenticates. Unless told, kafkajs does so again 10 s before a session ends; where sessions are shorter, that is
// more often than a broker lets it.
const { token, ...common } = { reauthenticationThreshold: 1000, ...JSON.parse(process.env.KAFKA_SETTINGS || "{}") };
if (token) common.sasl = { mechanism: "oauthbearer", oauthBearerProvider: async () => ({ value: token }) };
const kafka = new Kafka({ clientId: "kafkajs-test", brokers: bootstrap.split(","), logLevel: logLevel.WARN, ...common });

const stdinLines = () => require("fs").readFileSync(0, "utf8").split("\n").filter(Boolean);

async function produce() {
  const settings = Object.fromEntries(more.map((pair) => pair.split("=")));
  const acks = Number(settings.acks ?? -1);
  const compression = CompressionTypes[(settings["compression.type"] ?? "none").toUpperCase()];
  const lines = stdinLines();
  const producer = kafka.producer();
  await producer.connect();
  for (let at = 0; at < lines.length; at += BATCH) {
    await producer.send({ topic, acks, compression, messages: lines.slice(at, at + BATCH).map((value) => ({ value })) });
  }
  await producer.disconnect();
}

async function transact() {
  const admin = kafka.admin();
  await admin.connect();
  const { partitions } = (await admin.fetchTopicMetadata({ topics: [topic] })).topics[0];
  await admin.disconnect();
  const producer = kafka.producer({ transactionalId: topic, maxInFlightRequests: 1, idempotent: true });
  await producer.connect();
  for (const [outcome, value] of stdinLines().map((line) => line.split(" "))) {
    const transaction = await producer.transaction();
    await transaction.send({ topic, messages: partitions.map(({ partitionId }) => ({ value, partition: partitionId })) });
    await transaction[outcome]();
  }
  await producer.disconnect();
}

async function consume() {
  // A member learns by its heartbeat that another one has come, and only between two fetches.
  const consumer = kafka.consumer({ groupId: more[0], heartbeatInterval: 300, maxWaitTimeInMs: 200 });
  process.once("SIGTERM", () => consumer.disconnect().then(() => process.exit(0), fail));
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({ eachMessage: async ({ message }) => console.log(message.value.toString()) });
}

function fail(error) {
  console.error(error);
  process.exit(1);
}

({ produce, consume, transact })[action]().catch(fail);
