#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Podman, with or without root: Kafka and kbridge in one pod, Kafka at localhost:29092 on this machine and in the pod.
# The forwarder of rootless Podman hides where clients come from: to kbridge they seem to be in its own container. So all are told
# the same address, which is the default for these; it is set for a Podman whose forwarder does otherwise.
set -e
podman pod create --name kafka --publish 29092:29092
podman run --detach --pod kafka docker.io/apache/kafka
podman run --detach --pod kafka --env KBRIDGE_ADVERTISE=localhost:29092 kbridge localhost:9092
