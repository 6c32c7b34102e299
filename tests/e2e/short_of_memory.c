/* SPDX-License-Identifier: Apache-2.0 */
/* Preloaded into kbridge: lets one allocation fail, the SHORT_OF_MEMORY_AT-th that kbridge, libuv or libyaml ask for.
 * Apart from the tests in memory, because the start of the program, net/ and libuv ask malloc itself. What libc asks for its own
 * purposes is not counted. At the end the number of them all is written to the file SHORT_OF_MEMORY_COUNT. */
#define _GNU_SOURCE /* dladdr */
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* glibc's own, under the names that are not ours. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *at, size_t size);

static atomic_ulong asked;
static unsigned long fail_at;

/* `grows`: realloc. That libuv's own table of descriptors cannot grow ends the program by abort(), in libuv. */
static bool is_of_interest(const void *caller, bool grows)
{
    static const char *const objects[] = {"/kbridge", "/libyaml", "/libuv.so"};
    Dl_info info;
    if (!dladdr(caller, &info) || !info.dli_fname)
        return false;
    const char *name = strrchr(info.dli_fname, '/');
    size_t count = sizeof objects / sizeof *objects - grows;
    for (size_t i = 0; name && i < count; i++)
        if (strncmp(name, objects[i], strlen(objects[i])) == 0)
            return true;
    return false;
}

static bool fails(const void *caller, bool grows)
{
    if (!is_of_interest(caller, grows) || atomic_fetch_add(&asked, 1) + 1 != fail_at)
        return false;
    errno = ENOMEM;
    return true;
}

void *malloc(size_t size)
{
    return fails(__builtin_return_address(0), false) ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return fails(__builtin_return_address(0), false) ? NULL : __libc_calloc(count, size);
}

void *realloc(void *at, size_t size)
{
    return fails(__builtin_return_address(0), true) ? NULL : __libc_realloc(at, size);
}

__attribute__((constructor)) static void begin(void)
{
    const char *at = getenv("SHORT_OF_MEMORY_AT");
    fail_at = at ? strtoul(at, NULL, 10) : 0;
}

__attribute__((destructor)) static void end(void)
{
    const char *path = getenv("SHORT_OF_MEMORY_COUNT");
    FILE *to = path ? fopen(path, "w") : NULL;
    if (!to)
        return;
    fprintf(to, "%lu\n", atomic_load(&asked));
    fclose(to);
}
