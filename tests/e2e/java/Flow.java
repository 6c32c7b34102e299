// SPDX-License-Identifier: Apache-2.0
// Kafka's own client as an application that goes on whatever happens; what it does and prints is told in flow.py of the tests.

import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import sun.misc.Signal;

public class Flow {
    private static final int PACE_MS = 10;
    private static final int END_MS = 60_000;
    private static final int MAX_BLOCK_MS = 600_000; // for a broker that comes late
    private static volatile boolean toldToEnd, allDone;
    private static final Set<Integer> got = ConcurrentHashMap.newKeySet();
    private final String bootstrap, topic;

    private Flow(String bootstrap, String topic) {
        this.bootstrap = bootstrap;
        this.topic = topic;
    }

    public static void main(String[] arguments) throws Exception {
        Signal.handle(new Signal("TERM"), signal -> toldToEnd = true);
        Flow flow = new Flow(arguments[0], arguments[1]);
        List<Thread> members = List.of(new Thread(flow::consume), new Thread(flow::consume));
        members.forEach(Thread::start);
        int sent = flow.produce();
        long deadline = System.currentTimeMillis() + END_MS;
        while (got.size() < sent && System.currentTimeMillis() < deadline) {
            Thread.sleep(PACE_MS);
        }
        allDone = true;
        for (Thread member : members) {
            member.join();
        }
    }

    // How many were sent, when all have been acknowledged or given up.
    private int produce() throws Exception {
        StringSerializer text = new StringSerializer();
        try (KafkaProducer<String, String> producer =
                new KafkaProducer<>(Map.of("bootstrap.servers", bootstrap, "max.block.ms", MAX_BLOCK_MS), text, text)) {
            for (int number = 0; ; number++) {
                if (toldToEnd) {
                    return number;
                }
                int own = number;
                say("sent", own);
                producer.send(new ProducerRecord<>(topic, Integer.toString(own)), (record, error) ->
                    say(error == null ? "acknowledged" : "failed", error == null ? own : error.getClass().getSimpleName()));
                Thread.sleep(PACE_MS);
            }
        }
    }

    private void consume() {
        Map<String, Object> settings = Map.of(
            "bootstrap.servers", bootstrap, "group.id", topic, "auto.offset.reset", "earliest",
            "session.timeout.ms", 6000, "heartbeat.interval.ms", 500, "metadata.max.age.ms", 1000);
        StringDeserializer text = new StringDeserializer();
        try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(settings, text, text)) {
            consumer.subscribe(List.of(topic));
            while (!allDone) {
                poll(consumer);
            }
        }
    }

    private static void poll(KafkaConsumer<String, String> consumer) {
        try {
            for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(20))) {
                got.add(Integer.valueOf(record.value()));
                say("received", record.value());
            }
        } catch (KafkaException error) {
            say("error", error.getClass().getSimpleName());
        }
    }

    private static void say(String what, Object value) {
        System.out.println(what + " " + value + " " + BigDecimal.valueOf(System.currentTimeMillis(), 3));
    }
}
