/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The kernel command line
 *
 * There is one switch, and it follows the rules of systemd's own switches: the
 * last one counts, and a missing value means yes. Its name does not begin with
 * "mdev.", because the kernel would take it for a parameter of its module mdev.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cleanup.h"
#include "kernel-command-line.h"
#include "log.h"
#include "util.h"

#define SWITCH "systemd.mdev"

/* The limit depends on the architecture: from 256 bytes to, on s390, a build option of up to 1 MiB. */
#define COMMAND_LINE_STEP 4096

/* Reads a file of unknown size. The caller frees *ret. */
static int read_all(int fd, char **ret)
{
        _cleanup_free_ char *text = NULL;
        size_t size = 0, used = 0;
        ssize_t n;

        do {
                char *more;

                if (size - used < COMMAND_LINE_STEP) {
                        size = 2 * size + COMMAND_LINE_STEP;
                        more = realloc(text, size + 1);
                        if (!more)
                                return -ENOMEM;
                        text = more;
                }
                n = read(fd, text + used, size - used);
                if (n < 0 && errno != EINTR)
                        return -errno;
                if (n > 0)
                        used += (size_t) n;
        } while (n != 0);
        text[used] = '\0';
        *ret = TAKE_PTR(text);
        return 0;
}

/* Reads the kernel command line. The caller frees *ret. */
static int command_line_read(const struct root *root, char **ret)
{
        const char *given = secure_getenv("SYSTEMD_PROC_CMDLINE");
        _cleanup_close_ int fd = -1;
        char path[PATH_MAX];
        int r;

        if (given) {
                *ret = strdup(given);
                return *ret ? 0 : -ENOMEM;
        }
        r = root_path(root, path, "/proc/cmdline");
        if (r < 0)
                return r;
        fd = open(path, O_RDONLY | O_CLOEXEC);
        return fd < 0 ? -errno : read_all(fd, ret);
}

/* Cuts off the next word; double quotes keep white space inside a word. Returns NULL at the end. */
static char *next_word(char **text)
{
        char *from = *text + strspn(*text, " \t\n"), *to = from, *word = from;
        bool quoted = false;

        if (*from == '\0')
                return NULL;
        for (; *from && (quoted || !strchr(" \t\n", *from)); from++)
                if (*from == '"')
                        quoted = !quoted;
                else
                        *to++ = *from;
        *text = *from ? from + 1 : from;
        *to = '\0';
        return word;
}

static bool is_switch(const char *word, size_t length)
{
        return length == strlen(SWITCH) && memcmp(word, SWITCH, length) == 0;
}

static int parse_boolean(const char *value)
{
        static const char *const yes[] = {"1", "yes", "y", "true", "t", "on"};
        static const char *const no[] = {"0", "no", "n", "false", "f", "off"};

        for (size_t i = 0; i < ELEMENTSOF(yes); i++) {
                if (strcasecmp(value, yes[i]) == 0)
                        return true;
                if (strcasecmp(value, no[i]) == 0)
                        return false;
        }
        return -EINVAL;
}

bool kernel_command_line_wants_autostart(const struct root *root)
{
        _cleanup_free_ char *command_line = NULL;
        char *text, *word;
        bool wanted = true;
        int r;

        r = command_line_read(root, &command_line);
        if (r < 0 || !command_line) {
                if (r != -ENOENT)
                        log_warning_errno(r, "cannot read the kernel command line, ignoring it: %m");
                return true;
        }
        text = command_line;
        while ((word = next_word(&text))) {
                size_t length = strcspn(word, "=");

                if (!is_switch(word, length))
                        continue;
                r = word[length] == '=' ? parse_boolean(word + length + 1) : true;
                if (r < 0)
                        log_warning("kernel command line: \"%s\" is neither yes nor no, ignoring it", word);
                else
                        wanted = r;
        }
        return wanted;
}
