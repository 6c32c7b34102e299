/* SPDX-License-Identifier: Apache-2.0 */
/* Finding, becoming, starting and stopping kbridge-tools; see companion.h. */
#include "proxy/companion.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

enum { PATH_ROOM = 4096 };

static const char name[] = "kbridge-tools";

/* Beside this executable, or, where that cannot be told, in PATH. */
int companion_become(char **argv)
{
    char path[PATH_ROOM + sizeof name];
    ssize_t len = readlink("/proc/self/exe", path, PATH_ROOM);
    while (len > 0 && path[len - 1] != '/')
        len--;
    strcpy(path + (len > 0 ? len : 0), name);
    argv[0] = path;
    execvp(path, argv);
    fprintf(stderr, "kbridge: the command is in %s, which cannot be started: %s.\n", path, strerror(errno));
    return EXIT_FAILURE;
}

/* In the new process. Of its own group, so that Ctrl-C at a terminal stops kbridge first, and kbridge stops this one. */
static int be_child(char **argv, const int output[2])
{
    setpgid(0, 0);
#ifdef __linux__
    prctl(PR_SET_PDEATHSIG, SIGTERM);
#endif
    dup2(output[1], STDOUT_FILENO);
    close(output[0]);
    close(output[1]);
    return companion_become(argv);
}

static void read_line(int from, char *line, size_t room)
{
    FILE *output = fdopen(from, "r");
    line[0] = 0;
    if (!output) {
        close(from);
        return;
    }
    if (fgets(line, (int)room, output))
        line[strcspn(line, "\n")] = 0;
    fclose(output);
}

pid_t companion_start(char **argv, char *line, size_t room)
{
    int output[2];
    if (pipe(output) < 0)
        return -1;
    pid_t pid = fork();
    if (pid == 0)
        _exit(be_child(argv, output));
    close(output[1]);
    if (pid > 0)
        read_line(output[0], line, room);
    else
        close(output[0]);
    return pid;
}

int companion_stop(pid_t pid)
{
    int status = 0;
    kill(pid, SIGTERM);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILURE;
}
