// SPDX-License-Identifier: Apache-2.0

// franz-go as a client: `produce` sends stdin line by line, `consume` prints each record's value until SIGTERM.
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

	"github.com/twmb/franz-go/pkg/kgo"
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
	client := connect(kgo.SeedBrokers(bootstrap...), kgo.RecordPartitioner(kgo.RoundRobinPartitioner()))
	defer client.Close()
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		record := &kgo.Record{Topic: topic, Value: []byte(lines.Text())}
		client.Produce(context.Background(), record, func(_ *kgo.Record, err error) {
			if err != nil {
				log.Fatalf("a record was not acknowledged: %v", err)
			}
		})
	}
	if err := client.Flush(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func consume(bootstrap []string, topic, group string) {
	stopped, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	client := connect(kgo.SeedBrokers(bootstrap...), kgo.ConsumeTopics(topic), kgo.ConsumerGroup(group),
		kgo.HeartbeatInterval(300*time.Millisecond))
	// Commits what was polled and leaves the group.
	defer client.Close()
	for stopped.Err() == nil {
		fetches := client.PollFetches(stopped)
		fetches.EachRecord(func(record *kgo.Record) { fmt.Println(string(record.Value)) })
	}
	if err := client.CommitUncommittedOffsets(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func connect(options ...kgo.Opt) *kgo.Client {
	client, err := kgo.NewClient(options...)
	if err != nil {
		log.Fatal(err)
	}
	return client
}
