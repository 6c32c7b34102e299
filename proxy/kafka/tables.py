#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes tables.gen.c, Kafka's messages as C tables, from the message specs inside the kafka-clients jars.

Apart from the build, because the result is committed: a build needs no jar, and a new Kafka is a diff to
look at (put its version into KAFKA_VERSIONS, run, read). `--check` tells whether tables.gen.c is fresh.

    python3 proxy/kafka/tables.py [--check] [JAR ...]      (no jars: from the cache, or by Maven into it)

    jars ──read──► specs ──view──► fields of each version ──merge──► rows with version ranges
                                                     └──────────check──────────────┘ projected back: equal
"""
import argparse
import fnmatch
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import zipfile

KAFKA_VERSIONS = ("2.8.2", "3.9.1", "4.4.0")  # the newest last; it gives the error names
HERE = pathlib.Path(__file__).resolve().parent
OUTPUT = HERE / "tables.gen.c"
WALK_DEPTH = 8  # as in walk.h

# ---------------------------------------------------------------------------------------------- roles

# What a field means to kbridge: role -> patterns of message and path. `*` stands for any part of a path.
# They match fields with a value (numbers, strings, arrays of them) in the messages that clients send.
ROLES = {
    "API_KEY": "RequestHeader.RequestApiKey ApiVersionsResponse.ApiKeys.ApiKey",
    "API_VERSION": "RequestHeader.RequestApiVersion",
    "CORRELATION_ID": "RequestHeader.CorrelationId ResponseHeader.CorrelationId",
    "CLIENT_ID": "RequestHeader.ClientId",
    "SOFTWARE_NAME": "ApiVersionsRequest.ClientSoftwareName",
    "SOFTWARE_VERSION": "ApiVersionsRequest.ClientSoftwareVersion",
    "MIN_VERSION": "ApiVersionsResponse.ApiKeys.MinVersion",
    "MAX_VERSION": "ApiVersionsResponse.ApiKeys.MaxVersion",
    # Addresses that are rewritten, and no others: a broker's port is not a controller's (DescribeQuorum,
    # AddRaftVoter), and hosts of clients, ACLs and Streams applications are not brokers at all.
    "NODE_ID": """MetadataResponse.Brokers.NodeId DescribeClusterResponse.Brokers.BrokerId
                  FindCoordinatorResponse.NodeId FindCoordinatorResponse.Coordinators.NodeId
                  ProduceResponse.NodeEndpoints.NodeId FetchResponse.NodeEndpoints.NodeId
                  ShareFetchResponse.NodeEndpoints.NodeId ShareAcknowledgeResponse.NodeEndpoints.NodeId
                  ApiVersionsRequest.NodeId""",
    "HOST": """MetadataResponse.Brokers.Host DescribeClusterResponse.Brokers.Host
               FindCoordinatorResponse.Host FindCoordinatorResponse.Coordinators.Host
               ProduceResponse.NodeEndpoints.Host FetchResponse.NodeEndpoints.Host
               ShareFetchResponse.NodeEndpoints.Host ShareAcknowledgeResponse.NodeEndpoints.Host""",
    "PORT": """MetadataResponse.Brokers.Port DescribeClusterResponse.Brokers.Port
               FindCoordinatorResponse.Port FindCoordinatorResponse.Coordinators.Port
               ProduceResponse.NodeEndpoints.Port FetchResponse.NodeEndpoints.Port
               ShareFetchResponse.NodeEndpoints.Port ShareAcknowledgeResponse.NodeEndpoints.Port""",
    "ENDPOINT_TYPE": "DescribeClusterRequest.EndpointType DescribeClusterResponse.EndpointType",
    "CLUSTER_ID": "ApiVersionsRequest.ClusterId MetadataResponse.ClusterId DescribeClusterResponse.ClusterId",
    "CONTROLLER_ID": "MetadataResponse.ControllerId DescribeClusterResponse.ControllerId",
    # Not: what a Fetch forgets, cursors, and the assignments and topologies of groups; they decide nothing.
    "TOPIC_NAME": """*.Topics.Name *.Topics.Topic *.Topics.TopicName
                     ProduceRequest.TopicData.Name ProduceResponse.Responses.Name
                     FetchResponse.Responses.Topic
                     DeleteTopicsRequest.TopicNames DeleteTopicsResponse.Responses.Name
                     CreatePartitionsResponse.Results.Name
                     ElectLeadersRequest.TopicPartitions.Topic
                     ElectLeadersResponse.ReplicaElectionResults.Topic
                     AddPartitionsToTxnRequest.V3AndBelowTopics.Name
                     AddPartitionsToTxnResponse.ResultsByTopicV3AndBelow.Name
                     AddPartitionsToTxnResponse.ResultsByTransaction.TopicResults.Name
                     AlterPartitionReassignmentsResponse.Responses.Name
                     AlterReplicaLogDirsResponse.Results.TopicName
                     AlterShareGroupOffsetsResponse.Responses.TopicName
                     DeleteShareGroupOffsetsResponse.Responses.TopicName""",
    "TOPIC_ID": """*.Topics.TopicId
                   ProduceRequest.TopicData.TopicId ProduceResponse.Responses.TopicId
                   FetchResponse.Responses.TopicId ShareFetchResponse.Responses.TopicId
                   ShareAcknowledgeResponse.Responses.TopicId DeleteTopicsResponse.Responses.TopicId
                   AlterShareGroupOffsetsResponse.Responses.TopicId
                   DeleteShareGroupOffsetsResponse.Responses.TopicId""",
    "PARTITION": """*.Topics.Partitions *.Topics.PartitionIndexes
                    *.Topics.Partitions.Partition *.Topics.Partitions.PartitionIndex
                    ProduceRequest.TopicData.PartitionData.Index
                    ProduceResponse.Responses.PartitionResponses.Index
                    FetchResponse.Responses.Partitions.PartitionIndex
                    ShareFetchResponse.Responses.Partitions.PartitionIndex
                    ShareAcknowledgeResponse.Responses.Partitions.PartitionIndex
                    ElectLeadersRequest.TopicPartitions.Partitions
                    ElectLeadersResponse.ReplicaElectionResults.PartitionResult.PartitionId
                    AddPartitionsToTxnRequest.V3AndBelowTopics.Partitions
                    AddPartitionsToTxnResponse.*.ResultsByPartition.PartitionIndex
                    AlterPartitionReassignmentsResponse.Responses.Partitions.PartitionIndex
                    AlterReplicaLogDirsResponse.Results.Partitions.PartitionIndex
                    AlterShareGroupOffsetsResponse.Responses.Partitions.PartitionIndex""",
    # Who leads now. Not the epochs of records (ListOffsets, OffsetForLeaderEpoch responses), not the
    # leader of the controllers (DescribeQuorum).
    "LEADER_ID": """MetadataResponse.Topics.Partitions.LeaderId
                    DescribeTopicPartitionsResponse.Topics.Partitions.LeaderId
                    *.Responses.*.CurrentLeader.LeaderId""",
    "LEADER_EPOCH": """MetadataResponse.Topics.Partitions.LeaderEpoch
                       DescribeTopicPartitionsResponse.Topics.Partitions.LeaderEpoch
                       *.Responses.*.CurrentLeader.LeaderEpoch
                       *Request.Topics.Partitions.CurrentLeaderEpoch""",
    "GROUP_ID": """*.GroupId *DescribeRequest.GroupIds
                   DescribeGroupsRequest.Groups DeleteGroupsRequest.GroupsNames""",
    "MEMBER_ID": """*Request.MemberId *Response.MemberId LeaveGroupRequest.Members.MemberId
                    OffsetFetchRequest.Groups.MemberId""",
    "TRANSACTIONAL_ID": """*.TransactionalId DescribeTransactionsRequest.TransactionalIds
                           AddPartitionsToTxnRequest.V3AndBelowTransactionalId""",
    "COORDINATOR_KEY": """FindCoordinatorRequest.Key FindCoordinatorRequest.CoordinatorKeys
                          FindCoordinatorResponse.Coordinators.Key""",
    "KEY_TYPE": "FindCoordinatorRequest.KeyType",
    "RESOURCE_TYPE": "*ConfigsRequest.Resources.ResourceType *ConfigsResponse.Re*s.ResourceType",
    "RESOURCE_NAME": "*ConfigsRequest.Resources.ResourceName *ConfigsResponse.Re*s.ResourceName",
    "SESSION_ID": "FetchRequest.SessionId FetchResponse.SessionId",
    "SESSION_EPOCH": """FetchRequest.SessionEpoch ShareFetchRequest.ShareSessionEpoch
                        ShareAcknowledgeRequest.ShareSessionEpoch""",
    "RACK_ID": "FetchRequest.RackId",
    "ACKS": "ProduceRequest.Acks",
    "MECHANISM": "SaslHandshakeRequest.Mechanism",
    "CHALLENGE": "SaslAuthenticateResponse.AuthBytes",
    "SESSION_LIFETIME": "SaslAuthenticateResponse.SessionLifetimeMs",
    "AUTO_CREATE": "MetadataRequest.AllowAutoTopicCreation",
    "GENERATION": """OffsetCommitRequest.GenerationIdOrMemberEpoch HeartbeatRequest.GenerationId
                     SyncGroupRequest.GenerationId TxnOffsetCommitRequest.GenerationIdOrMemberEpoch
                     JoinGroupResponse.GenerationId *GroupHeartbeatRequest.MemberEpoch
                     *GroupHeartbeatResponse.MemberEpoch""",
    "OFFSET": """FetchRequest.Topics.Partitions.FetchOffset ProduceResponse.Responses.PartitionResponses.BaseOffset
                 ListOffsetsResponse.Topics.Partitions.Offset *OffsetCommitRequest.Topics.Partitions.CommittedOffset
                 OffsetFetchResponse.*Topics.Partitions.CommittedOffset
                 DeleteRecordsRequest.Topics.Partitions.Offset
                 OffsetForLeaderEpochResponse.Topics.Partitions.EndOffset""",
    "TIMESTAMP": "ListOffsetsRequest.Topics.Partitions.Timestamp",
    "ISOLATION": "FetchRequest.IsolationLevel ListOffsetsRequest.IsolationLevel",
    "PRODUCER_ID": """InitProducerIdResponse.ProducerId EndTxnRequest.ProducerId AddOffsetsToTxnRequest.ProducerId
                      TxnOffsetCommitRequest.ProducerId AddPartitionsToTxnRequest.V3AndBelowProducerId""",
    "PRODUCER_EPOCH": """InitProducerIdResponse.ProducerEpoch EndTxnRequest.ProducerEpoch
                         AddOffsetsToTxnRequest.ProducerEpoch TxnOffsetCommitRequest.ProducerEpoch
                         AddPartitionsToTxnRequest.V3AndBelowProducerEpoch""",
    "COMMITTED": "EndTxnRequest.Committed",
    # What may be a credential. Values of configurations: nobody can tell from outside which are.
    "SECRET": """SaslAuthenticateRequest.AuthBytes SaslAuthenticateResponse.ErrorMessage
                 AlterUserScramCredentialsRequest.Upsertions.Salt
                 AlterUserScramCredentialsRequest.Upsertions.SaltedPassword *DelegationTokenRe*.Hmac
                 AlterConfigsRequest.Resources.Configs.Value IncrementalAlterConfigsRequest.Resources.Configs.Value
                 CreateTopicsRequest.Topics.Configs.Value CreateTopicsResponse.Topics.Configs.Value
                 DescribeConfigsResponse.Results.Configs.Value
                 DescribeConfigsResponse.Results.Configs.Synonyms.Value""",
    "ERROR_CODE": "*.ErrorCode *.AcknowledgeErrorCode *.PartitionErrorCode",
    "RECORDS": """ProduceRequest.TopicData.PartitionData.Records FetchResponse.Responses.Partitions.Records
                  ShareFetchResponse.Responses.Partitions.Records""",
}

# Arrays of structs with a role of their own …
ARRAY_ROLES = {
    "API_KEYS": "ApiVersionsResponse.ApiKeys",
    "BROKERS": "MetadataResponse.Brokers DescribeClusterResponse.Brokers",
    "COORDINATORS": "FindCoordinatorResponse.Coordinators",
    "NODE_ENDPOINTS": """ProduceResponse.NodeEndpoints FetchResponse.NodeEndpoints
                         ShareFetchResponse.NodeEndpoints ShareAcknowledgeResponse.NodeEndpoints""",
}

# … and those that have theirs from what each element holds.
ROLES_BY_ELEMENT = {
    "TOPICS": {"TOPIC_NAME", "TOPIC_ID"},
    "PARTITIONS": {"PARTITION"},
    "GROUPS": {"GROUP_ID"},
    "TRANSACTIONS": {"TRANSACTIONAL_ID"},
    "RESOURCES": {"RESOURCE_NAME"},
}

# What brokers and controllers say to each other: no role, so that kbridge never reads it. Not from "listeners"
# of the specs: 83-87 come to a broker's port, but from another broker.
NOT_FOR_CLIENTS = {4, 5, 6, 7, 52, 53, 54, 56, 58, 59, 62, 63, 67, 70, 73, 82, 83, 84, 85, 86, 87}

# --------------------------------------------------------------------------------------------- reading

KINDS = {
    "bool": "BOOL", "int8": "INT8", "int16": "INT16", "uint16": "UINT16", "int32": "INT32",
    "uint32": "UINT32", "int64": "INT64", "float64": "FLOAT64", "uuid": "UUID", "string": "STRING",
    "bytes": "BYTES", "records": "RECORDS",
}  # any other type is a struct
NUMBERS = {"BOOL", "INT8", "INT16", "UINT16", "INT32", "UINT32", "INT64"}
OLDEST, NEWEST = 0, 32767


class Broken(Exception):
    """The specs, or a table in this file, are not what the generator relies on; the sentence says how."""


def parse_versions(text):
    """The versions of "3", "0-4", "2+" or "none" as a range."""
    if text == "none":
        return range(0)
    first, plus, last = re.fullmatch(r"(\d+)(?:(\+)|-(\d+))?", text).groups()
    return range(int(first), NEWEST if plus else int(last or first) + 1)


def parse_specs(text):
    """One JSON value with // comments. Kafka's parser stops at its end, and one spec has more behind it."""
    text = re.sub(r'("(?:\\.|[^"\\])*")|//[^\n]*', lambda found: found[1] or "", text)
    return json.JSONDecoder().raw_decode(text.lstrip())[0]


def read_jar(path):
    """The specs of requests, responses and headers of one kafka-clients jar."""
    with zipfile.ZipFile(path) as jar:
        names = sorted(n for n in jar.namelist() if re.fullmatch(r"common/message/\w+\.json", n))
        specs = [parse_specs(jar.read(name).decode()) for name in names]
    return [spec for spec in specs if spec["type"] in ("request", "response", "header")]


def read_error_names(path):
    """Code -> name, read from the disassembled constructor calls of the enum Errors. (To load the class
    would need the logging library that is not in the jar.)"""
    command = ["javap", "-cp", str(path), "-c", "-p", "org.apache.kafka.common.protocol.Errors"]
    code = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    number = r"(?:iconst_(m1|\d)|[bs]ipush +(-?\d+))\n *\d+: "
    call = rf"new .*Errors\n *\d+: dup\n *\d+: ldc\w* .*// String (\w+)\n *\d+: {number}{number}"
    names = {}
    for place, (name, *digits) in enumerate(re.findall(call, code)):
        ordinal, error = (int(text.replace("m", "-")) for text in digits if text)
        if ordinal != place or error in names:
            raise Broken(f"Errors: {name} has place {ordinal} and code {error}, which is not its own.")
        names[error] = name
    if names.get(-1) != "UNKNOWN_SERVER_ERROR" or names.get(0) != "NONE":
        raise Broken("Errors: no names found in the output of javap.")
    return names


def jar_version(path):
    return re.fullmatch(r"kafka-clients-([\d.]+)\.jar", pathlib.Path(path).name)[1]


def find_jar(version):
    """The jar in the cache, put there whole by Maven where it is missing."""
    cache = os.environ.get("KBRIDGE_CACHE") or os.path.join(
        os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "kbridge")
    path = pathlib.Path(cache, "jars", f"kafka-clients-{version}.jar")
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent) as unfinished:
            subprocess.run(["mvn", "-q", "-B", "dependency:copy", f"-DoutputDirectory={unfinished}",
                            f"-Dartifact=org.apache.kafka:kafka-clients:{version}"],
                           check=True, stdout=sys.stderr)
            os.replace(pathlib.Path(unfinished, path.name), path)
    return path


# ---------------------------------------------------------------------------- the fields of one version

class Node:
    """One field as it stands in one version."""

    def __init__(self, spec, version, structs):
        text = spec["type"]
        self.name = spec["name"]
        self.is_array = text.startswith("[]")
        self.kind = KINDS.get(text.removeprefix("[]"), "STRUCT")
        self.tag = int(spec["tag"]) if version in parse_versions(spec.get("taggedVersions", "none")) else None
        self.null = version in parse_versions(spec.get("nullableVersions", "none"))
        self.never_compact = spec.get("flexibleVersions") == "none"
        self.preset = self.preset_of(spec.get("default"))
        fields = spec.get("fields") or structs.get(text.removeprefix("[]"), [])
        self.children = nodes_of(fields, version, structs) if self.kind == "STRUCT" else []
        if (self.kind == "STRUCT") != bool(self.children):
            raise Broken(f"{self.name}: type {text} in version {version} has no fields.")

    def preset_of(self, default):
        if default == "null" or self.kind == "RECORDS":  # records are null in Kafka's own defaults
            return -1
        if self.kind in NUMBERS and not self.is_array and default is not None:
            if isinstance(default, bool) or default in ("true", "false"):
                return int(str(default).lower() == "true")
            return int(str(default), 0)
        if default not in (None, "", "0"):
            raise Broken(f"{self.name}: default {default!r} of a {self.kind} has no place in the tables.")
        return 0

    def identity(self):
        return (self.name, self.kind, self.is_array, self.tag, self.never_compact, self.preset)

    def shape(self):
        """All that is compared after the merge."""
        return (*self.identity(), self.null, tuple(child.shape() for child in self.children))


def nodes_of(fields, version, structs):
    """In the order of the wire: tagged fields follow all others, by their tags."""
    nodes = [Node(f, version, structs) for f in fields
             if version in parse_versions(f.get("versions", f.get("taggedVersions")))]
    return sorted(nodes, key=lambda node: -1 if node.tag is None else node.tag)


class Message:
    """One message of all sources: for each version, the fields by the newest source that has it."""

    def __init__(self, specs):
        newest = specs[0]  # sources come with the newest first
        self.name, self.key = newest["name"], newest.get("apiKey", -1)
        self.views, self.flexible = {}, {}
        for spec in specs:
            structs = {struct["name"]: struct["fields"] for struct in spec.get("commonStructs", [])}
            flexible = parse_versions(spec.get("flexibleVersions", "none"))
            for version in parse_versions(spec["validVersions"]):
                if self.flexible.setdefault(version, version in flexible) != (version in flexible):
                    raise Broken(f"{self.name}: the jars do not agree whether version {version} is flexible.")
                if version not in self.views:
                    self.views[version] = nodes_of(spec["fields"], version, structs)
        if sorted(self.views) != list(range(min(self.views), max(self.views) + 1)):
            raise Broken(f"{self.name}: the versions {sorted(self.views)} have a gap.")
        self.first, self.last = min(self.views), max(self.views)
        self.flexible_first = min((v for v in self.views if self.flexible[v]), default=None)
        if any(self.flexible[v] != (self.flexible_first is not None and v >= self.flexible_first)
               for v in self.views):
            raise Broken(f"{self.name}: once flexible, a message stays flexible in all later versions.")
        self.rows = merge_views(self.views, self.name)
        for version, view in self.views.items():
            if [node.shape() for node in view] != project_rows(self.rows, version):
                raise Broken(f"{self.name}: the merged rows are not version {version}.")


def collect_messages(jars):
    """All messages: {(key, type): Message}, the two headers by their names."""
    specs = {}
    for source in map(read_jar, reversed(jars)):
        for spec in source:
            specs.setdefault((spec.get("apiKey", spec["name"]), spec["type"]), []).append(spec)
    return {place: Message(list_) for place, list_ in specs.items()}


# ------------------------------------------------------------------------------ all versions as one list

class Row:
    """One field in a range of versions: one line of the table."""

    def __init__(self, nodes, path):
        self.node = nodes[max(nodes)]
        self.path = f"{path}.{self.node.name}"
        self.first, self.last = min(nodes), max(nodes)
        self.null = [v for v, node in nodes.items() if node.null]
        self.children = merge_views({v: node.children for v, node in nodes.items()}, self.path)
        self.role = "NONE"


def merge_order(views, path):
    """The identities of all fields in an order that is every version's own."""
    before = {}
    for version in sorted(views, reverse=True):  # the newest decides where nothing else does
        identities = [node.identity() for node in views[version]]
        for place, identity in enumerate(identities):
            before.setdefault(identity, set()).update(identities[:place])
    order = []
    while len(order) < len(before):
        ready = [i for i in before if i not in order and before[i] <= set(order)]
        if not ready:
            raise Broken(f"{path}: the order of its fields differs between versions.")
        order.append(min(ready, key=lambda i: -1 if i[3] is None else i[3]))
    return order


def merge_views(views, path):
    rows = []
    for identity in merge_order(views, path):
        nodes = {v: node for v in sorted(views) for node in views[v] if node.identity() == identity}
        run = {}
        for version in nodes:
            if run and not run_goes_on(run, version, nodes):
                rows.append(Row(run, path))
                run = {}
            run[version] = nodes[version]
        rows.append(Row(run, path))
    return rows


def run_goes_on(run, version, nodes):
    """One row has one range of versions, and one range in it that is nullable."""
    last = max(run)
    null_again = nodes[version].null and not nodes[last].null and any(node.null for node in run.values())
    return version == last + 1 and not null_again


def project_rows(rows, version):
    """The shapes of the rows that one version has; the check of the merge."""
    return [(*row.node.identity(), version in row.null, tuple(project_rows(row.children, version)))
            for row in rows if row.first <= version <= row.last]


def all_rows(rows):
    for row in rows:
        yield row
        yield from all_rows(row.children)


# ------------------------------------------------------------------------------- roles given and checked

def give_roles(messages):
    rows = [row for message in messages if message.key not in NOT_FOR_CLIENTS
            for row in all_rows(message.rows)]
    structs = [row for row in rows if row.node.kind == "STRUCT"]
    give_by_pattern([row for row in rows if row.node.kind != "STRUCT"], ROLES)
    give_by_pattern([row for row in structs if row.node.is_array], ARRAY_ROLES)
    for role, elements in ROLES_BY_ELEMENT.items():
        for row in structs:
            if row.node.is_array and row.role == "NONE" and any(c.role in elements for c in row.children):
                row.role = role


def give_by_pattern(rows, patterns):
    for role, text in patterns.items():
        for pattern in text.split():
            matches = [row for row in rows if fnmatch.fnmatchcase(row.path, pattern)]
            if not matches:
                raise Broken(f"role {role}: no field is {pattern}.")
            for row in matches:
                if row.role not in ("NONE", role):
                    raise Broken(f"{row.path} has two roles, {row.role} and {role}.")
                row.role = role


def check_addresses(rows, versions, path):
    """A host is rewritten together with the port behind it."""
    for version in versions:
        roles = [row.role for row in rows if row.first <= version <= row.last]
        if any(roles[place + 1:place + 2] != ["PORT"] for place, r in enumerate(roles) if r == "HOST"):
            raise Broken(f"{path}: no port right behind the host in version {version}.")
    for row in rows:
        check_addresses(row.children, range(row.first, row.last + 1), row.path)


def depth_of(rows):
    return 1 + max((depth_of(row.children) for row in rows if row.children), default=0)


def check_messages(messages):
    for message in messages:
        check_addresses(message.rows, message.views, message.name)
        if depth_of(message.rows) > WALK_DEPTH - 1:
            raise Broken(f"{message.name}: nested deeper than {WALK_DEPTH - 1}, WALK_DEPTH is too small.")


# ---------------------------------------------------------------------------------------------- writing

HEAD = """\
/* SPDX-License-Identifier: Apache-2.0 */
/* Kafka's messages, generated by proxy/kafka/tables.py: do not edit, change that and run it again.
 * Apart from tables.c, because no line of it is written by hand.
 * Sources: kafka-clients {versions}, each version of a message from the newest that has it.
 * Errors: org.apache.kafka.common.protocol.Errors of {newest}. */
/* clang-format off */
#include "proxy/kafka/tables.h"
"""


class Layout:
    """Where the rows of each struct stand. The enum counts them, so that a new field changes one line of it
    and not the numbers of all that follow."""

    def __init__(self):
        self.blocks = []  # (symbol, rows)
        self.symbols = {}  # id of a row -> symbol of its children

    def add(self, symbol, rows):
        self.blocks.append((symbol, rows))
        taken = {used for used, _ in self.blocks}
        for row in (row for row in rows if row.children):
            own = row.path.replace(".", "_")
            own = own if own not in taken else f"{own}_{row.first}"
            taken.add(own)
            self.symbols[id(row)] = own
        for row in (row for row in rows if row.children):
            self.add(self.symbols[id(row)], row.children)

    def enum_lines(self):
        for symbol, rows in self.blocks:
            yield f"    ROWS({symbol}, {len(rows)}),"
        yield "    ROW_COUNT"

    def field_lines(self):
        for symbol, rows in self.blocks:
            yield f"    /* {symbol} */"
            for row in rows:
                yield self.field_line(row)

    def field_line(self, row):
        node, flags = row.node, (str(row.node.is_array).lower(), str(row.node.never_compact).lower())
        null = f"{min(row.null)}, {max(row.null)}" if row.null else "NEVER"
        tag = "TAG_NONE" if node.tag is None else node.tag
        preset = "INT64_MAX" if node.preset == 2**63 - 1 else node.preset
        roles = sorted({row.role, *(child.role for child in all_rows(row.children))} - {"NONE"})
        return (f'    {{"{node.name}", {self.symbols.get(id(row), 0)}, {len(row.children)}, {tag}, '
                f"KIND_{node.kind}, ROLE_{row.role}, {row.first}, {row.last}, {null}, {', '.join(flags)}, "
                f"{preset}, {' | '.join(f'R({role})' for role in roles) or 0}}},")


def message_text(message):
    flexible = "VERSION_NEVER_FIRST" if message.flexible_first is None else message.flexible_first
    return (f'{{"{message.name}", {message.name}, {len(message.rows)}, {message.key}, '
            f"{message.first}, {message.last}, {flexible}}}")


def generate(jars):
    messages = collect_messages(jars)
    headers = [messages[name, "header"] for name in ("RequestHeader", "ResponseHeader")]
    keys = sorted(key for key, type_ in messages if type_ == "request")
    if keys != list(range(len(keys))):
        raise Broken(f"the api keys {keys} have a gap: tables.c looks them up by their place.")
    pairs = [(messages[key, "request"], messages[key, "response"]) for key in keys]
    for request, response in pairs:
        if (request.first, request.last) != (response.first, response.last):
            raise Broken(f"{request.name} and its response are not known in the same versions.")
    ordered = [*headers, *(message for pair in pairs for message in pair)]
    give_roles(ordered)
    check_messages(ordered)
    layout = Layout()
    for message in ordered:
        layout.add(message.name, message.rows)
    errors = read_error_names(jars[-1])
    head = HEAD.format(versions=", ".join(map(jar_version, jars)), newest=jar_version(jars[-1]))
    return "\n".join([
        head,
        "/* The name of a struct is its first row; the next struct begins behind its last. */",
        "#define ROWS(name, count) name, name##_last = (name) + (count) - 1", "",
        "enum {", *layout.enum_lines(), "};", "",
        '_Static_assert(ROW_COUNT <= UINT16_MAX, "rows are numbered by uint16_t");', "",
        "#define NEVER VERSION_NEVER_FIRST, VERSION_NEVER_LAST",
        "#define R(role) ROLE_SET(ROLE_##role)", "",
        "const struct field tables_fields[] = {",
        "    /* name, children, count, tag, kind, role, first, last, null_first, null_last, is_array,",
        "       never_compact, preset, roles */",
        *layout.field_lines(), "};", "",
        *(f"const struct message tables_{name}_header = {message_text(message)};"
          for name, message in zip(("request", "response"), headers)), "",
        f"const int16_t tables_api_key_last = {keys[-1]};", "",
        "const struct api tables_apis[] = {",
        *(f'    {{"{request.name.removesuffix("Request")}",\n'
          f"     {{{message_text(request)},\n      {message_text(response)}}}}},"
          for request, response in pairs), "};", "",
        f"const int16_t tables_error_last = {max(errors)};", "",
        "const char *const tables_errors[] = {",
        *(f'    [{code} - TABLES_ERROR_FIRST] = "{errors[code]}",' for code in sorted(errors)), "};", "",
    ])


def main():
    parser = argparse.ArgumentParser(description="Makes tables.gen.c, or checks that it is fresh.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if it is stale")
    parser.add_argument("jars", nargs="*", metavar="JAR", help="kafka-clients-VERSION.jar")
    options = parser.parse_args()
    jars = options.jars or [find_jar(version) for version in KAFKA_VERSIONS]
    jars.sort(key=lambda jar: [int(number) for number in jar_version(jar).split(".")])
    text = generate(jars)
    if not options.check:
        OUTPUT.write_text(text)
    elif not OUTPUT.exists() or OUTPUT.read_text() != text:
        sys.exit(f"{OUTPUT.name} is stale: run python3 proxy/kafka/tables.py and look at the diff.")


if __name__ == "__main__":
    try:
        main()
    except Broken as broken:
        sys.exit(f"tables.py: {broken}")
