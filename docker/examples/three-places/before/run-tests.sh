#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Without kbridge: finds out by two variables where it runs, starts the services for this place, waits for the broker, and runs the tests.
set -e
cd "$(dirname "$0")"

files="--file compose.yaml"
if [ -n "$BITBUCKET_DOCKER_HOST_INTERNAL" ]; then
    SERVICES=$BITBUCKET_DOCKER_HOST_INTERNAL
    files="$files --file compose.in-a-container.yaml"
elif [ -n "$IN_A_CONTAINER" ]; then
    SERVICES=host.docker.internal
    files="$files --file compose.in-a-container.yaml"
else
    SERVICES=localhost
fi
export SERVICES

# shellcheck disable=SC2086
docker compose $files up --detach
kafka=$(docker compose $files ps --quiet kafka)
for _ in $(seq 60); do
    [ "$(docker inspect --format '{{.State.Health.Status}}' "$kafka")" != healthy ] || break
    sleep 1
done
pytest ..
