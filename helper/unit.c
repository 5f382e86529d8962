/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <spawn.h>
#include <stddef.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cleanup.h"
#include "config.h"
#include "unit-name.h"
#include "unit.h"

bool unit_is_stopping(const char *uuid)
{
        static const char stopping[] = "deactivating\n";
        _cleanup_close_ int from = -1, to = -1;
        posix_spawn_file_actions_t actions;
        char unit[UNIT_NAME_SIZE], state[32];
        int pipe_fds[2], status, r;
        ssize_t n;
        pid_t pid;

        unit_name_of_definition(unit, uuid);
        if (pipe2(pipe_fds, O_CLOEXEC) < 0)
                return false;
        from = pipe_fds[0];
        to = pipe_fds[1];
        if (posix_spawn_file_actions_init(&actions) != 0)
                return false;
        r = posix_spawn_file_actions_adddup2(&actions, to, STDOUT_FILENO);
        if (r == 0)
                r = posix_spawn(&pid, SYSTEMCTL, &actions, NULL,
                        (char *[]){(char[]){"systemctl"}, (char[]){"show"}, (char[]){"-P"},
                                (char[]){"ActiveState"}, unit, NULL},
                        environ);
        posix_spawn_file_actions_destroy(&actions);
        if (r != 0)
                return false;
        cleanup_close(&to);
        to = -1;
        n = read(from, state, sizeof(state) - 1);
        if (waitpid(pid, &status, 0) < 0 || n < 0)
                return false;
        state[n] = '\0';
        return strcmp(state, stopping) == 0;
}
