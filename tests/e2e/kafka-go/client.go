// SPDX-License-Identifier: Apache-2.0

// kafka-go as a client: `produce` sends stdin line by line, `consume` prints each record's value until SIGTERM.
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/segmentio/kafka-go"
)

func main() {
	action, bootstrap, topic := os.Args[1], strings.Split(os.Args[2], ","), os.Args[3]
	if action == "produce" {
		produce(bootstrap, topic)
	} else {
		consume(bootstrap, topic, os.Args[4])
	}
}

func produce(bootstrap []string, topic string) {
	writer := &kafka.Writer{
		Addr:         kafka.TCP(bootstrap...),
		Topic:        topic,
		RequiredAcks: kafka.RequireAll,
		BatchTimeout: 10 * time.Millisecond,
	}
	var messages []kafka.Message
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		messages = append(messages, kafka.Message{Value: []byte(lines.Text())})
	}
	fail(writer.WriteMessages(context.Background(), messages...))
	fail(writer.Close())
}

func consume(bootstrap []string, topic, group string) {
	stopped, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	reader := kafka.NewReader(kafka.ReaderConfig{
		Brokers:           bootstrap,
		Topic:             topic,
		GroupID:           group,
		StartOffset:       kafka.FirstOffset,
		HeartbeatInterval: 300 * time.Millisecond,
		MaxWait:           200 * time.Millisecond,
		CommitInterval:    100 * time.Millisecond,
	})
	for {
		message, err := reader.ReadMessage(stopped)
		if errors.Is(err, context.Canceled) {
			break
		}
		fail(err)
		fmt.Println(string(message.Value))
	}
	fail(reader.Close())
}

func fail(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
