# SPDX-License-Identifier: Apache-2.0
"""Takes the place of confluentinc/cp-schema-registry: the two questions that clients ask most, with schemas kept in memory."""

import http.server
import json
import os

schemas: list[dict] = []


class Registry(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """/subjects/NAME/versions: a schema becomes known; its id."""
        schema = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if schema not in schemas:
            schemas.append(schema)
        self._answer({"id": schemas.index(schema) + 1})

    def do_GET(self) -> None:
        """/schemas/ids/ID"""
        self._answer(schemas[int(os.path.basename(self.path)) - 1])

    def _answer(self, what: dict) -> None:
        body = json.dumps(what).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/vnd.schemaregistry.v1+json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


http.server.ThreadingHTTPServer(("", 8081), Registry).serve_forever()
