// SPDX-License-Identifier: Apache-2.0
// kafkajs as a client: `produce` sends stdin line by line, `consume` prints each record's value until SIGTERM.
// KAFKA_SASL is what kafkajs takes as `sasl`, in JSON.

const { Kafka, logLevel } = require("kafkajs");

const BATCH = 500;
const [action, bootstrap, topic, group] = process.argv.slice(2);
// Of a test that authenticates. Unless told, kafkajs does so again 10 s before a session ends; where sessions are shorter, that is
// more often than a broker lets it.
const { token, ...more } = { reauthenticationThreshold: 1000, ...JSON.parse(process.env.KAFKA_SETTINGS || "{}") };
if (token) more.sasl = { mechanism: "oauthbearer", oauthBearerProvider: async () => ({ value: token }) };
const kafka = new Kafka({ clientId: "kafkajs-test", brokers: bootstrap.split(","), logLevel: logLevel.WARN, ...more });

async function produce() {
  const lines = require("fs").readFileSync(0, "utf8").split("\n").filter(Boolean);
  const producer = kafka.producer();
  await producer.connect();
  for (let at = 0; at < lines.length; at += BATCH) {
    await producer.send({ topic, messages: lines.slice(at, at + BATCH).map((value) => ({ value })) });
  }
  await producer.disconnect();
}

async function consume() {
  // A member learns by its heartbeat that another one has come, and only between two fetches.
  const consumer = kafka.consumer({ groupId: group, heartbeatInterval: 300, maxWaitTimeInMs: 200 });
  process.once("SIGTERM", () => consumer.disconnect().then(() => process.exit(0), fail));
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({ eachMessage: async ({ message }) => console.log(message.value.toString()) });
}

function fail(error) {
  console.error(error);
  process.exit(1);
}

({ produce, consume })[action]().catch(fail);
