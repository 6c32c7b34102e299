/* SPDX-License-Identifier: Apache-2.0 */
/* Settings from a YAML file, read event by event.
 * Apart, because a file may hold anything at all: aliases, deep nesting, wrong types, NUL. Nothing of it
 * is kept; mappings are followed only as deep as the names in the table go, and aliases are refused, so
 * that no file takes more time than its length.
 *
 *     log: debug                        log
 *     limits: {frame: 1MiB}             limits.frame
 *     limits.frame: 1MiB                limits.frame
 *     listen: [localhost, "*:29093"]    listen, twice
 *     upstream: {address: kafka}        upstream
 *     advertise: [{from: any, as: k}]   advertise: any=k
 *     forward: [{listen: 1, to: k}]     forward: 1=k
 *     upstream.dial: {"a:1": "b:2"}     upstream.dial: a:1=b:2 */
#include <string.h>
#include <yaml.h>

#include "config/value.h"

enum { ITEM_ROOM = 640 }; /* a host has at most 255 characters */

struct reader {
    yaml_parser_t parser;
    yaml_event_t event; /* the current one */
    struct settings *settings;
    const char *file;
    struct problem *problem;
    unsigned first_line[SETTING_COUNT]; /* where its key was met; 0: not yet */
};

static unsigned line_of(const struct reader *reader)
{
    return (unsigned)reader->event.start_mark.line + 1;
}

static bool not_yaml(struct reader *reader)
{
    const yaml_parser_t *parser = &reader->parser;
    const char *what = parser->problem ? parser->problem : "out of memory";
    bool is_star = parser->context && strcmp(parser->context, "while scanning an alias") == 0;
    if (parser->error == YAML_READER_ERROR)
        return problem_say(reader->problem, "%s: this is not YAML: %s at byte %zu.", reader->file, what,
                           parser->problem_offset);
    return problem_say(reader->problem, "%s:%zu: this is not YAML: %s%s.", reader->file,
                       parser->problem_mark.line + 1, what,
                       is_star ? "; text that begins with * is written in quotes, as \"*:29092\"" : "");
}

/* Goes on to the next event. */
static bool advance(struct reader *reader)
{
    yaml_event_delete(&reader->event);
    if (!yaml_parser_parse(&reader->parser, &reader->event))
        return not_yaml(reader);
    if (reader->event.type == YAML_ALIAS_EVENT)
        return problem_say(reader->problem,
                           "%s:%u: an alias such as *%s is not understood here; write it out.", reader->file,
                           line_of(reader), quote((char *)reader->event.data.alias.anchor).text);
    return true;
}

/* The current event's text. NULL: it is no scalar, or has a NUL inside. */
static const char *scalar(const struct reader *reader)
{
    const char *text = (const char *)reader->event.data.scalar.value;
    if (reader->event.type != YAML_SCALAR_EVENT || strlen(text) != reader->event.data.scalar.length)
        return NULL;
    return text;
}

/* `key:` with nothing behind it, `~` or `null`: the same as if the key were not there. */
static bool is_null(const struct reader *reader)
{
    const char *text = scalar(reader);
    return text && reader->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
           (!*text || strcmp(text, "~") == 0 || strcmp(text, "null") == 0);
}

static bool unknown_key(struct reader *reader, const char *path, unsigned line)
{
    const struct setting *nearest = setting_nearest(path);
    if (!nearest)
        return problem_say(reader->problem, "%s:%u: %s is no setting; `kbridge --help` lists all.",
                           reader->file, line, quote(path).text);
    return problem_say(reader->problem, "%s:%u: %s is no setting; did you mean %s?", reader->file, line,
                       quote(path).text, nearest->name);
}

static const char *shape_of(const struct reader *reader)
{
    switch (reader->event.type) {
    case YAML_MAPPING_START_EVENT:
        return "a mapping";
    case YAML_SEQUENCE_START_EVENT:
        return "a list";
    default:
        return scalar(reader) ? "this text" : "text with a NUL in it";
    }
}

static bool wrong_shape(struct reader *reader, const struct setting *setting)
{
    char expected[EXPECTED_ROOM];
    value_expected(setting, expected);
    return problem_say(reader->problem, "%s:%u: %s: %s is not understood here; expected %s.", reader->file,
                       line_of(reader), setting->name, shape_of(reader), expected);
}

static bool set(struct reader *reader, const struct setting *setting, const char *text)
{
    struct origin origin = {SET_BY_FILE, line_of(reader)};
    return setting_set(reader->settings, setting, text, origin, reader->file, reader->problem);
}

struct pair {
    char at[2][ITEM_ROOM / 2]; /* in the order of the type's keys */
};

/* One key of a pair and its value, from the key to the event behind the value. */
static bool read_part(struct reader *reader, const struct setting *setting, struct pair *pair)
{
    const char *const *keys = setting->type->keys;
    const char *key = scalar(reader);
    char *part = NULL;
    for (int i = 0; i < 2; i++)
        if (key && strcmp(key, keys[i]) == 0)
            part = pair->at[i];
    if (!part || *part)
        return problem_say(reader->problem, "%s:%u: an item of %s has %s: and %s:, each once, not %s.",
                           reader->file, line_of(reader), setting->name, keys[0], keys[1],
                           quote(key ? key : "something else").text);
    if (!advance(reader))
        return false;
    const char *text = scalar(reader);
    if (!text || !*text || strlen(text) >= sizeof pair->at[0])
        return wrong_shape(reader, setting);
    strcpy(part, text);
    return advance(reader);
}

/* {from: 10.0.0.0/8, as: kafka.example:29092}, from its first event to its last. */
static bool read_pair(struct reader *reader, const struct setting *setting)
{
    const char *const *keys = setting->type->keys;
    struct pair pair = {{"", ""}};
    char item[ITEM_ROOM];
    if (!advance(reader))
        return false;
    while (reader->event.type != YAML_MAPPING_END_EVENT)
        if (!read_part(reader, setting, &pair))
            return false;
    if (!*pair.at[0] || !*pair.at[1])
        return problem_say(reader->problem, "%s:%u: an item of %s needs both %s: and %s:.", reader->file,
                           line_of(reader), setting->name, keys[0], keys[1]);
    snprintf(item, sizeof item, "%s=%s", pair.at[0], pair.at[1]);
    return set(reader, setting, item);
}

/* {"localhost:9093": "kafka2:9092"}, from its first event to its last. */
static bool read_pairs(struct reader *reader, const struct setting *setting)
{
    if (!advance(reader))
        return false;
    while (reader->event.type != YAML_MAPPING_END_EVENT) {
        char pair[ITEM_ROOM];
        const char *key = scalar(reader);
        if (!key || strlen(key) >= sizeof pair / 2)
            return wrong_shape(reader, setting);
        size_t len = (size_t)snprintf(pair, sizeof pair, "%s=", key);
        if (!advance(reader))
            return false;
        const char *text = scalar(reader);
        if (!text || strlen(text) >= sizeof pair / 2 - 1)
            return wrong_shape(reader, setting);
        strcpy(pair + len, text);
        if (!set(reader, setting, pair) || !advance(reader))
            return false;
    }
    return true;
}

/* The items of a list, from behind its first event on. */
static bool read_items(struct reader *reader, const struct setting *setting)
{
    if (!advance(reader))
        return false;
    if (reader->event.type == YAML_SEQUENCE_END_EVENT)
        return problem_say(reader->problem, "%s:%u: %s: the list is empty; leave the key out instead.",
                           reader->file, line_of(reader), setting->name);
    while (reader->event.type != YAML_SEQUENCE_END_EVENT) {
        bool is_pair = reader->event.type == YAML_MAPPING_START_EVENT && setting->type->keys[0];
        const char *text = scalar(reader);
        if (!is_pair && !text)
            return wrong_shape(reader, setting);
        if (is_pair ? !read_pair(reader, setting) : !set(reader, setting, text))
            return false;
        if (!advance(reader))
            return false;
    }
    return true;
}

static bool is_inner(const char *path)
{
    size_t len = strlen(path);
    for (size_t i = 0; i < SETTING_COUNT; i++)
        if (strncmp(setting_table[i].name, path, len) == 0 && setting_table[i].name[len] == '.')
            return true;
    return false;
}

static bool is_first(struct reader *reader, const struct setting *setting, unsigned line)
{
    unsigned *first = &reader->first_line[setting->id];
    if (*first)
        return problem_say(reader->problem, "%s:%u: %s is given twice; it stands in line %u already.",
                           reader->file, line, setting->name, *first);
    *first = line;
    return true;
}

static bool read_setting(struct reader *reader, const struct setting *setting, unsigned line)
{
    if (setting->id == SETTING_config)
        return problem_say(reader->problem, "%s:%u: config cannot stand in the file itself.", reader->file,
                           line);
    if (!is_first(reader, setting, line))
        return false;
    if (reader->event.type == YAML_SEQUENCE_START_EVENT && setting->type->list)
        return read_items(reader, setting);
    if (reader->event.type == YAML_MAPPING_START_EVENT && setting->id == SETTING_upstream_dial)
        return read_pairs(reader, setting);
    return scalar(reader) ? set(reader, setting, scalar(reader)) : wrong_shape(reader, setting);
}

static bool read_mapping(struct reader *reader, const char *outer);

/* The value of a key. It recurses only where a name in the table goes on, so no deeper than the table. */
static bool read_value(struct reader *reader, const char *path, unsigned line)
{
    const struct setting *setting = setting_find(path);
    bool inner = is_inner(path);
    if (strcmp(path, "upstream.address") == 0)
        setting = &setting_table[SETTING_upstream];
    if (strcmp(path, "listen.address") == 0)
        setting = &setting_table[SETTING_listen];
    if (!setting && !inner)
        return unknown_key(reader, path, line);
    if (is_null(reader))
        return true;
    if (inner && reader->event.type == YAML_MAPPING_START_EVENT)
        return read_mapping(reader, path);
    if (!setting)
        return problem_say(reader->problem, "%s:%u: %s: expected settings beneath it, as in `%s: {…}`.",
                           reader->file, line, path, path);
    return read_setting(reader, setting, line);
}

/* A mapping, from its first event to its last; `outer` is the path to it, "" for the file's own. */
static bool read_mapping(struct reader *reader, const char *outer)
{
    if (!advance(reader))
        return false;
    while (reader->event.type != YAML_MAPPING_END_EVENT) {
        char path[2 * SETTING_NAME_ROOM];
        const char *key = scalar(reader);
        unsigned line = line_of(reader);
        if (!key)
            return problem_say(reader->problem, "%s:%u: a key is not plain text.", reader->file, line);
        int len = snprintf(path, sizeof path, "%s%s%s", outer, *outer ? "." : "", key);
        if (len >= (int)sizeof path)
            return unknown_key(reader, path, line);
        if (!advance(reader) || !read_value(reader, path, line) || !advance(reader))
            return false;
    }
    return true;
}

static bool read_document(struct reader *reader)
{
    if (!advance(reader) || !advance(reader)) /* the stream begins; a document, or its end */
        return false;
    if (reader->event.type == YAML_STREAM_END_EVENT)
        return true;
    if (!advance(reader))
        return false;
    bool is_mapping = reader->event.type == YAML_MAPPING_START_EVENT;
    if (!is_mapping && !is_null(reader))
        return problem_say(reader->problem, "%s:%u: expected settings, such as `upstream: kafka:9092`.",
                           reader->file, line_of(reader));
    if (is_mapping && !read_mapping(reader, ""))
        return false;
    if (!advance(reader) || !advance(reader)) /* the document's end; the stream's, or another document */
        return false;
    return reader->event.type == YAML_STREAM_END_EVENT ||
           problem_say(reader->problem, "%s:%u: a second document begins; settings are one.", reader->file,
                       line_of(reader));
}

bool yaml_read(struct settings *settings, const char *file, const char *text, size_t len,
               struct problem *problem)
{
    struct reader reader = {.settings = settings, .file = file, .problem = problem};
    if (!yaml_parser_initialize(&reader.parser))
        return problem_say(problem, "%s cannot be read: out of memory.", file);
    yaml_parser_set_input_string(&reader.parser, (const unsigned char *)text, len);
    bool fine = read_document(&reader);
    yaml_event_delete(&reader.event);
    yaml_parser_delete(&reader.parser);
    return fine;
}
