/* SPDX-License-Identifier: Apache-2.0 */
/* Looking and adding up; see census.h. */
#include "proxy/admin/census.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "proxy/net/connection.h"

static void count_link(struct census *census, const struct link_fact *fact)
{
    struct census_links *links = census->links;
    struct census_links *end = census->links + census->link_count;
    while (links < end && (links->node != fact->node || strcmp(links->state, fact->state) != 0))
        links++;
    if (links == census->links + CENSUS_LINKS_MAX)
        links--;
    else if (links == end)
        census->links[census->link_count++] = (struct census_links){fact->node, fact->state, 0};
    links->count++;
}

static void count_links(struct census *census, const struct conversation *conversation)
{
    struct link_fact fact;
    for (size_t i = 0; conversation_link(conversation, i, &fact); i++)
        count_link(census, &fact);
}

void census_add(struct census *census, const struct worker *worker)
{
    census->questions += worker->bridge.notes.questions;
    census->corrections += worker->bridge.notes.corrections;
    census->late_answers += worker->bridge.notes.late_answers;
    for (const struct connection *at = worker->connections; at; at = at->next) {
        if (!at->client || !at->conversation)
            continue;
        census->clients++;
        census->waiting += conversation_is_held(at->conversation);
        census->bytes_in += conversation_bytes_from_client(at->conversation);
        census->bytes_out += conversation_bytes_to_client(at->conversation);
        count_links(census, at->conversation);
    }
}

/* ---- the process ---- */

static uint64_t count_files(void)
{
    DIR *folder = opendir("/proc/self/fd");
    uint64_t count = 0;
    if (!folder)
        return 0;
    while (readdir(folder))
        count++;
    closedir(folder);
    return count > 3 ? count - 3 : 0; /* ".", "..", and the one that reads */
}

/* From /proc/self/stat, in clock ticks since the machine started. */
static double find_start_s(void)
{
    char text[1024];
    unsigned long long ticks = 0;
    struct timespec now, up;
    FILE *file = fopen("/proc/self/stat", "r");
    size_t len = file ? fread(text, 1, sizeof text - 1, file) : 0;
    if (file)
        fclose(file);
    text[len] = 0;
    const char *behind_name = strrchr(text, ')'); /* field 2; the start is field 22 */
    if (!behind_name ||
        sscanf(behind_name + 1,
               " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu",
               &ticks) != 1)
        return 0;
    clock_gettime(CLOCK_REALTIME, &now);
    clock_gettime(CLOCK_BOOTTIME, &up);
    double booted_s = (double)(now.tv_sec - up.tv_sec) + (double)(now.tv_nsec - up.tv_nsec) / 1e9;
    return booted_s + (double)ticks / (double)sysconf(_SC_CLK_TCK);
}

void usage_take(struct usage *usage)
{
    uv_rusage_t used;
    struct rlimit files;
    size_t resident = 0;
    *usage = (struct usage){.open_files = count_files(), .started_s = find_start_s()};
    if (uv_getrusage(&used) == 0)
        usage->cpu_s = (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
                       (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
    if (uv_resident_set_memory(&resident) == 0)
        usage->resident_bytes = resident;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0)
        usage->most_files = files.rlim_cur;
}
