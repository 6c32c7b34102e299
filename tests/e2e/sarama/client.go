// SPDX-License-Identifier: Apache-2.0

// sarama as a client: `produce` sends stdin line by line, `consume` prints each record's value until SIGTERM.
package main

import (
	"bufio"
	"context"
	"fmt"
	"log"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/IBM/sarama"
)

const batch = 500

func main() {
	action, bootstrap, topic := os.Args[1], strings.Split(os.Args[2], ","), os.Args[3]
	settings := sarama.NewConfig()
	settings.Version = sarama.MaxVersion
	settings.Producer.Return.Successes = true
	settings.Producer.Partitioner = sarama.NewRoundRobinPartitioner
	settings.Consumer.Offsets.Initial = sarama.OffsetOldest
	settings.Consumer.Group.Heartbeat.Interval = 300 * time.Millisecond
	if action == "produce" {
		produce(bootstrap, topic, settings)
	} else {
		consume(bootstrap, topic, os.Args[4], settings)
	}
}

func produce(bootstrap []string, topic string, settings *sarama.Config) {
	producer, err := sarama.NewSyncProducer(bootstrap, settings)
	fail(err)
	var messages []*sarama.ProducerMessage
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		messages = append(messages, &sarama.ProducerMessage{Topic: topic, Value: sarama.StringEncoder(lines.Text())})
	}
	for at := 0; at < len(messages); at += batch {
		fail(producer.SendMessages(messages[at:min(at+batch, len(messages))]))
	}
	fail(producer.Close())
}

func consume(bootstrap []string, topic, group string, settings *sarama.Config) {
	stopped, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	consumer, err := sarama.NewConsumerGroup(bootstrap, group, settings)
	fail(err)
	for stopped.Err() == nil {
		// Returns at each rebalance.
		fail(consumer.Consume(stopped, []string{topic}, printer{}))
	}
	fail(consumer.Close())
}

type printer struct{}

func (printer) Setup(sarama.ConsumerGroupSession) error   { return nil }
func (printer) Cleanup(sarama.ConsumerGroupSession) error { return nil }

func (printer) ConsumeClaim(session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	for message := range claim.Messages() {
		fmt.Println(string(message.Value))
		session.MarkMessage(message, "")
	}
	return nil
}

func fail(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
