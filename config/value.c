/* SPDX-License-Identifier: Apache-2.0 */
/* Reading, printing and freeing of single values by their type; see value.h. */
#include "config/value.h"

#include <stdlib.h>
#include <string.h>

enum { AMOUNT_ROOM = 24 };

/* Sizes without a unit are bytes; a time without one could mean anything, so it must have one. */
static const struct unit size_units[] = {
    {"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"B", 1}, {"", 1}, {NULL, 0},
};
static const struct unit time_units[] = {{"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1}, {NULL, 0}};
static const struct unit count_units[] = {{"", 1}, {NULL, 0}};

static const struct endpoint_form broker_form = {.example = "kafka:9092", .default_port = 9092};
static const struct endpoint_form listener_form = {
    .example = "*:29092",
    .default_port = 29092,
    .port_zero = true,
    .all_interfaces = true,
};
static const struct endpoint_form address_form = {.example = "kafka.example:29092"};
static const struct endpoint_form admin_form = {
    .example = "localhost:28092",
    .default_port = 28092,
    .port_zero = true,
    .all_interfaces = true,
};

#define WORD(name, word) word,
static const char *const level_words[] = {LOG_LEVELS(WORD) NULL};
static const char *const switch_words[] = {SWITCHES(WORD) NULL};
static const char *const traffic_words[] = {TRAFFIC_FORMS(WORD) NULL};
#undef WORD

/* "|error|warn|…", of which the first character is left out. */
#define BAR_AND_WORD(name, word) "|" word
#define WORDS_WITH_BARS(list) (&(list(BAR_AND_WORD))[1])

static void amount_text(uint64_t amount, const struct unit *unit, char text[AMOUNT_ROOM])
{
    while (unit->factor > 1 && (amount == 0 || amount % unit->factor != 0))
        unit++;
    snprintf(text, AMOUNT_ROOM, "%llu%s", (unsigned long long)(amount / unit->factor), unit->name);
}

void value_expected(const struct setting *setting, char expected[EXPECTED_ROOM])
{
    const char *form = setting->type->expected;
    const char *range = strstr(form, "RANGE");
    if (!range) {
        snprintf(expected, EXPECTED_ROOM, "%s", form);
        return;
    }
    char least[AMOUNT_ROOM], most[AMOUNT_ROOM];
    amount_text(setting->least, setting->type->units, least);
    amount_text(setting->most, setting->type->units, most);
    snprintf(expected, EXPECTED_ROOM, "%.*sfrom %s to %s%s", (int)(range - form), form, least, most,
             range + strlen("RANGE"));
}

/* Says what is wrong with an amount such as "30s", or NULL. */
static const char *amount_fault(const struct setting *setting, const char *text, uint64_t *amount)
{
    const struct unit *unit = setting->type->units;
    uint64_t number = 0;
    size_t digits = strspn(text, "0123456789");
    if (digits == 0)
        return "does not begin with a whole number";
    if (digits > 18) /* so many fit into 64 bits */
        return "is out of range";
    for (size_t i = 0; i < digits; i++)
        number = number * 10 + (uint64_t)(text[i] - '0');
    while (unit->name && strcmp(unit->name, text + digits) != 0)
        unit++;
    if (!unit->name)
        return text[digits] ? "does not end with a unit that is known" : "has no unit";
    if (number > setting->most / unit->factor || number * unit->factor < setting->least)
        return "is out of range";
    *amount = number * unit->factor;
    return NULL;
}

static bool parse_amount(const struct setting *setting, const char *text, void *value,
                         struct problem *problem)
{
    char expected[EXPECTED_ROOM];
    const char *fault = amount_fault(setting, text, value);
    if (!fault)
        return true;
    if (setting->type->units == count_units && strspn(text, "0123456789") != strlen(text))
        fault = "is not a whole number";
    value_expected(setting, expected);
    return problem_say(problem, "%s %s; expected %s, for example %s", quote(text).text, fault, expected,
                       setting->example);
}

static void print_amount(const struct value_type *type, const void *value, FILE *out)
{
    char text[AMOUNT_ROOM];
    amount_text(*(const uint64_t *)value, type->units, text);
    fputs(text, out);
}

static const char workers_auto[] = "auto";

static bool parse_workers(const struct setting *setting, const char *text, void *value,
                          struct problem *problem)
{
    if (strcmp(text, workers_auto) != 0)
        return parse_amount(setting, text, value, problem);
    *(uint64_t *)value = WORKERS_AUTO;
    return true;
}

static void print_workers(const struct value_type *type, const void *value, FILE *out)
{
    if (*(const uint64_t *)value == WORKERS_AUTO)
        fputs(workers_auto, out);
    else
        print_amount(type, value, out);
}

/* An enum made from words is written by their index. */
_Static_assert(sizeof(enum log_level) == sizeof(unsigned), "choices are read and written as unsigned");
_Static_assert(sizeof(enum switch_state) == sizeof(unsigned), "choices are read and written as unsigned");
_Static_assert(sizeof(enum traffic_form) == sizeof(unsigned), "choices are read and written as unsigned");

static bool parse_choice(const struct setting *setting, const char *text, void *value,
                         struct problem *problem)
{
    const char *const *words = setting->type->words;
    for (unsigned i = 0; words[i]; i++) {
        if (strcmp(words[i], text) == 0) {
            *(unsigned *)value = i;
            return true;
        }
    }
    return problem_say(problem, "%s is not known; expected %s", quote(text).text, setting->type->expected);
}

static void print_choice(const struct value_type *type, const void *value, FILE *out)
{
    fputs(type->words[*(const unsigned *)value], out);
}

static void free_text(void *value)
{
    char **text = value;
    free(*text);
    *text = NULL;
}

static bool parse_text(const struct setting *setting, const char *text, void *value, struct problem *problem)
{
    if (!*text)
        return problem_say(problem, "%s is empty; expected %s", quote(text).text, setting->type->expected);
    char *copy = strdup(text);
    if (!copy)
        return problem_say(problem, "%s cannot be kept: out of memory", quote(text).text);
    free_text(value);
    *(char **)value = copy;
    return true;
}

static void print_text(const struct value_type *type, const void *value, FILE *out)
{
    char *const *text = value;
    (void)type;
    fputs(*text ? *text : "", out);
}

static bool parse_address(const struct setting *setting, const char *text, void *value,
                          struct problem *problem)
{
    struct endpoint endpoint;
    if (!endpoint_parse(text, setting->type->form, &endpoint, problem))
        return false;
    *(struct endpoint *)value = endpoint;
    return true;
}

static void print_address(const struct value_type *type, const void *value, FILE *out)
{
    const struct endpoint *endpoint = value;
    if (endpoint->host[0]) /* else none is given */
        endpoint_print(endpoint, type->form, out);
}

void value_print(const struct setting *setting, const void *value, FILE *out)
{
    if (setting->type->secret)
        fputs("(hidden)", out);
    else
        setting->type->print(setting->type, value, out);
}

const struct value_type value_types[VALUE_TYPE_COUNT] = {
    [VALUE_PATH] = {.metavariable = "FILE",
                    .expected = "the name of a file",
                    .parse = parse_text,
                    .print = print_text,
                    .free = free_text},
    [VALUE_BROKERS] = {.metavariable = "HOST[:PORT],…",
                       .expected = "HOST or HOST:PORT, or a list of them",
                       .list = true,
                       .form = &broker_form,
                       .parse = list_parse_endpoints,
                       .print = list_print_endpoints,
                       .free = list_free_endpoints},
    [VALUE_LISTENERS] = {.metavariable = "HOST[:PORT],…",
                         .expected = "HOST or HOST:PORT, or a list of them",
                         .list = true,
                         .form = &listener_form,
                         .parse = list_parse_endpoints,
                         .print = list_print_endpoints,
                         .free = list_free_endpoints},
    [VALUE_FORWARDS] = {.metavariable = "LISTEN=TARGET,…",
                        .expected = "LISTEN=TARGET, or a list of them",
                        .list = true,
                        .keys = {"listen", "to"},
                        .parse = list_parse_forwards,
                        .print = list_print_forwards,
                        .free = list_free_forwards},
    [VALUE_RULES] = {.metavariable = "FROM=ADDRESS,…",
                     .expected = "FROM=ADDRESS, or a list of them",
                     .list = true,
                     .keys = {"from", "as"},
                     .parse = list_parse_rules,
                     .print = list_print_rules,
                     .free = list_free_rules},
    [VALUE_PER_BROKER] = {.metavariable = "FIRST-LAST|loopback|off",
                          .expected = "FIRST-LAST|loopback|off",
                          .parse = per_broker_parse,
                          .print = per_broker_print},
    [VALUE_DIALS] = {.metavariable = "ADVERTISED=ADDRESS,…",
                     .expected = "ADVERTISED=ADDRESS, or a list of them",
                     .list = true,
                     .form = &broker_form,
                     .parse = list_parse_dials,
                     .print = list_print_dials,
                     .free = list_free_dials},
    [VALUE_ADDRESS] = {.metavariable = "HOST[:PORT]",
                       .expected = "HOST or HOST:PORT",
                       .form = &address_form,
                       .parse = parse_address,
                       .print = print_address},
    [VALUE_ADMIN] = {.metavariable = "HOST[:PORT]",
                     .expected = "HOST or HOST:PORT",
                     .form = &admin_form,
                     .parse = parse_address,
                     .print = print_address},
    [VALUE_SIZE] = {.metavariable = "SIZE",
                    .expected = "a size RANGE, in B, KiB, MiB or GiB",
                    .units = size_units,
                    .parse = parse_amount,
                    .print = print_amount},
    [VALUE_TIME] = {.metavariable = "TIME",
                    .expected = "a time RANGE, in ms, s, m or h",
                    .units = time_units,
                    .parse = parse_amount,
                    .print = print_amount},
    [VALUE_COUNT] = {.metavariable = "N",
                     .expected = "a whole number RANGE",
                     .units = count_units,
                     .parse = parse_amount,
                     .print = print_amount},
    [VALUE_WORKERS] = {.metavariable = "N|auto",
                       .expected = "auto, or a whole number RANGE",
                       .units = count_units,
                       .parse = parse_workers,
                       .print = print_workers},
    [VALUE_TEXT] = {.metavariable = "TEXT",
                    .expected = "a text",
                    .parse = parse_text,
                    .print = print_text,
                    .free = free_text},
    [VALUE_SWITCH] = {.metavariable = WORDS_WITH_BARS(SWITCHES),
                      .expected = WORDS_WITH_BARS(SWITCHES),
                      .alone = "on",
                      .words = switch_words,
                      .parse = parse_choice,
                      .print = print_choice},
    [VALUE_LEVEL] = {.metavariable = WORDS_WITH_BARS(LOG_LEVELS),
                     .expected = WORDS_WITH_BARS(LOG_LEVELS),
                     .words = level_words,
                     .parse = parse_choice,
                     .print = print_choice},
    [VALUE_TRAFFIC] = {.metavariable = WORDS_WITH_BARS(TRAFFIC_FORMS),
                       .expected = WORDS_WITH_BARS(TRAFFIC_FORMS),
                       .alone = "text",
                       .words = traffic_words,
                       .parse = parse_choice,
                       .print = print_choice},
};
