#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Podman, with or without root: Kafka and kbridge in one pod, Kafka at localhost:29092 on this machine and in the pod.
# The forwarder of rootless Podman hides where clients come from, so all are told the same address.
set -e
podman pod create --name kafka --publish 29092:29092
podman run --detach --pod kafka docker.io/apache/kafka
podman run --detach --pod kafka --env KBRIDGE_ADVERTISE=localhost:29092 kbridge localhost:9092
