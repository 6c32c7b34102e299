/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of the table of settings that say what a person sees: log, page, traffic lines, recording.
 * Apart from table.h, which has the other rows and explains them, because the two together are too long to be read at once. */
#ifndef KBRIDGE_CONFIG_TABLE_SEEN_H
#define KBRIDGE_CONFIG_TABLE_SEEN_H

#define SETTINGS_SEEN(X)                                                                                     \
    X("What you see", log, "log", LEVEL, "info", 0, 0, "debug", "how much is logged, on standard error", "") \
    X("What you see", admin_listen, "admin.listen", ADMIN, NULL, 0, 0, "localhost:28092",                    \
      "metrics (/metrics), health (/livez, /readyz) and a page for people, on this address",                 \
      "Off where none is given; the image serves it on *:28092. The page, and all that tells who is "        \
      "connected, needs the token that is printed at start, or a browser on this machine. Port 28092 where " \
      "none is given.")                                                                                      \
    X("What you see", traffic, "traffic", TRAFFIC, "off", 0, 0, "text",                                      \
      "one line for each request with its response, on standard output; --traffic alone means text",         \
      "json is one object a line, for programs. SIGUSR1 turns the lines on and off while kbridge runs. "     \
      "Whoever does not read them misses some, which is said in their place; clients never wait for it.")    \
    X("What you see", traffic_file, "traffic.file", PATH, NULL, 0, 0, "traffic.log",                         \
      "the file to which these lines are added, instead of standard output", "")                             \
    X("What you see", record, "record", PATH, NULL, 0, 0, "traffic.pcapng",                                  \
      "the file to which the bytes between clients and kbridge are written, for Wireshark",                  \
      "With all records that pass; what may be a credential is zeros. `kbridge traffic FILE` prints it. A "  \
      "file that is there is kept as FILE.1, and so on. A slow or full disk costs packets, never traffic.")  \
    X("What you see", record_size_bytes, "record.size", SIZE, "100MiB", 1048576, 1099511627776, "1GiB",      \
      "the size at which the recording goes on in a new file; FILE.1 to FILE.9 are kept", "")                \
    X("What you see", traffic_all, "traffic-all", SWITCH, "off", 0, 0, "on",                                 \
      "empty fetches and good heartbeats have lines too, instead of one per client every 10 s", "")          \
    X("What you see", records, "records", COUNT, "0", 0, 65536, "100",                                       \
      "traffic lines show records, too: so many bytes of each key, value and header",                        \
      "The first 10 of an exchange, of those that begin in its first 64 KiB of records, decompressed. Text " \
      "is shown as it is, all else as hexadecimal digits, and the id of its schema where it is framed as "   \
      "Confluent's serializers do. Never shown unless asked for: records may be secret.")                    \
    X("What you see", only, "only", TEXT, NULL, 0, 0, "produce,fetch", "traffic lines only of these APIs",   \
      "Names as Kafka has them, in upper or lower case.")                                                    \
    X("What you see", topic, "topic", TEXT, NULL, 0, 0, "orders*",                                           \
      "traffic lines only of requests that name such a topic; * is any text, ? any character", "")           \
    X("What you see", client, "client", TEXT, NULL, 0, 0, "app-*",                                           \
      "traffic lines only of clients with such a client id; * is any text, ? any character", "")             \
    X("What you see", errors, "errors", SWITCH, "off", 0, 0, "on",                                           \
      "traffic lines only of what has an error, or no answer", "")                                           \
    X("What you see", slow_ms, "slow", TIME, "0ms", 0, 3600000, "100ms",                                     \
      "traffic lines only of what took at least so long", "")

#endif
