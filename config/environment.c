/* SPDX-License-Identifier: Apache-2.0 */
/* Settings from variables KBRIDGE_…
 * Apart, because the environment also holds variables of that name which nobody has written for kbridge. */
#include <string.h>

#include "config/value.h"

static const char prefix[] = "KBRIDGE_";

static const struct setting *find_by_variable(const char *name)
{
    char variable[SETTING_NAME_ROOM];
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        setting_variable(&setting_table[i], variable);
        if (strcmp(variable, name) == 0)
            return &setting_table[i];
    }
    return NULL;
}

/* Kubernetes gives every container of a namespace KBRIDGE_SERVICE_HOST, KBRIDGE_PORT,
 * KBRIDGE_PORT_29092_TCP and the like for a service that is named kbridge, or kbridge-something; Docker
 * did the same for links. */
static bool is_of_a_service(const char *name, const char *value)
{
    static const char *const marks[] = {"_SERVICE_HOST", "_SERVICE_PORT", "_TCP", "_UDP", "_SCTP"};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (strstr(name, marks[i]))
            return true;
    return strstr(value, "tcp://") == value || strstr(value, "udp://") == value ||
           strstr(value, "sctp://") == value;
}

/* A variable close to one of ours is a slip; another one may well be there for somebody else's use
 * (KBRIDGE_IMAGE in a compose file), so that it only makes a doubt. */
static bool unknown_variable(struct settings *settings, const char *name, struct problem *problem)
{
    char variable[SETTING_NAME_ROOM];
    const struct setting *nearest = setting_nearest(name + strlen(prefix));
    if (!nearest) {
        problem_say(&settings->doubt, "variable %s is no setting; it is passed over.", quote(name).text);
        return true;
    }
    setting_variable(nearest, variable);
    return problem_say(problem, "variable %s is not known; did you mean %s?", quote(name).text, variable);
}

static bool variable_set(struct settings *settings, const char *name, const char *value,
                         struct problem *problem)
{
    const struct setting *setting = find_by_variable(name);
    if (setting && *value == 0) /* `KBRIDGE_LOG: ${LOG}` in a compose file, where LOG is not set */
        return true;
    if (setting)
        return setting_set(settings, setting, value, (struct origin){.setter = SET_BY_VARIABLE}, NULL,
                           problem);
    return is_of_a_service(name, value) || unknown_variable(settings, name, problem);
}

bool environment_read(struct settings *settings, char **environment, struct problem *problem)
{
    static const char ci[] = "BITBUCKET_DOCKER_HOST_INTERNAL=";
    const struct setting *gateway = &setting_table[SETTING_advertise_gateway];
    for (; *environment; environment++) {
        const char *entry = *environment;
        const char *value = strchr(entry, '=');
        char name[2 * SETTING_NAME_ROOM];
        if (strncmp(entry, ci, strlen(ci)) == 0 && entry[strlen(ci)] &&
            !setting_set(settings, gateway, entry + strlen(ci), (struct origin){.setter = SET_BY_CI}, NULL,
                         problem))
            return false;
        if (!value || strncmp(entry, prefix, strlen(prefix)) != 0)
            continue;
        snprintf(name, sizeof name, "%.*s", (int)(value - entry), entry);
        if (!variable_set(settings, name, value + 1, problem))
            return false;
    }
    return true;
}
