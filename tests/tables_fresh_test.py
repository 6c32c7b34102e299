# SPDX-License-Identifier: Apache-2.0
"""The generated protocol tables are what the generator makes today, and the generator refuses what it must.

Apart from the unit tests in C because it needs the kafka-clients jars (found in the cache, or fetched by Maven)
and a JDK's javap.
"""

import pytest

from proxy.kafka import tables

pytestmark = pytest.mark.core


@pytest.fixture(scope="module")
def jars():
    return [tables.find_jar(version) for version in tables.KAFKA_VERSIONS]


def message(versions, *fields, flexible="none"):
    """A spec as in the jars, with api key 3, for which MetadataRequest's roles are known."""
    return {"apiKey": 3, "type": "request", "name": "Example", "validVersions": versions,
            "flexibleVersions": flexible, "fields": list(fields)}  # fmt: skip


def field(name, type_="int32", versions="0+", **more):
    return {"name": name, "type": type_, "versions": versions, **more}


def rows_of(*specs):
    return [(row.node.name, row.node.tag, row.first, row.last) for row in tables.Message(specs).rows]


def test_the_committed_tables_are_fresh(jars):
    assert tables.generate(jars) == tables.OUTPUT.read_text()


def test_an_older_jar_supplies_only_the_versions_that_newer_ones_dropped():
    new = message("2-3", field("New", versions="2+"), field("Both"))
    old = message("0-2", field("Both"), field("Old", versions="0-1"))
    assert rows_of(new, old) == [("New", None, 2, 3), ("Both", None, 0, 3), ("Old", None, 0, 1)]


def test_a_field_that_becomes_tagged_has_a_row_for_each_place():
    spec = message("0-2", field("Id", tag=0, taggedVersions="2+"), field("Rest"), flexible="1+")
    assert rows_of(spec) == [("Id", None, 0, 1), ("Rest", None, 0, 2), ("Id", 0, 2, 2)]


def test_a_field_that_comes_back_has_a_row_for_each_range():
    specs = [message("2", field("Id")), message("1", field("Other")), message("0", field("Id"))]
    assert rows_of(*specs) == [("Id", None, 0, 0), ("Id", None, 2, 2), ("Other", None, 1, 1)]


def test_comments_and_what_follows_a_spec_are_not_read():
    text = '// licence\n{ "about": "see http://x // y", // why\n  "versions": "0+" }\n]}'
    assert tables.parse_specs(text) == {"about": "see http://x // y", "versions": "0+"}


@pytest.mark.parametrize(
    ("specs", "sentence"),
    [
        ([message("1", field("A"), field("B")), message("0", field("B"), field("A"))], "order of its fields differs"),
        ([message("0-1", field("A"), flexible="1+"), message("1", field("A"))], "version 1 is flexible"),
        ([message("0", field("A")), message("2", field("A"))], "have a gap"),
        ([message("0", field("A", "string", default="soon"))], "default 'soon'"),
        ([message("0", field("A", "Unheard"))], "type Unheard in version 0 has no fields"),
    ],
)
def test_specs_that_do_not_fit_the_tables_are_refused(specs, sentence):
    with pytest.raises(tables.Broken, match=sentence):
        tables.Message(specs)


def test_a_role_that_no_field_has_is_refused():
    rows = tables.Message([message("0", field("A"))]).rows
    with pytest.raises(tables.Broken, match=r"role HOST: no field is Example\.B"):
        tables.give_by_pattern(rows, {"HOST": "Example.A Example.B"})


def test_a_field_with_two_roles_is_refused():
    rows = tables.Message([message("0", field("A"))]).rows
    with pytest.raises(tables.Broken, match="two roles, HOST and PORT"):
        tables.give_by_pattern(rows, {"HOST": "Example.A", "PORT": "*.A"})


def test_a_host_without_a_port_right_behind_it_is_refused_in_the_version_that_has_it_so():
    spec = message("0-1", field("Host", "string"), field("Between", versions="1+"), field("Port"))
    example = tables.Message([spec])
    tables.give_by_pattern(example.rows, {"HOST": "*.Host", "PORT": "*.Port"})
    with pytest.raises(tables.Broken, match="no port right behind the host in version 1"):
        tables.check_messages([example])


def test_nesting_deeper_than_the_walker_is_refused():
    inner = field("Leaf")
    for level in range(tables.WALK_DEPTH - 1):
        inner = field(f"Level{level}", "[]Struct", fields=[inner])
    with pytest.raises(tables.Broken, match="WALK_DEPTH"):
        tables.check_messages([tables.Message([message("0", inner)])])
