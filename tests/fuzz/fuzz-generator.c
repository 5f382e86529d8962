/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The whole run of the generator
 *
 * The input is a tree, see tree.h. There is one good definition more in it,
 * which must come out whatever else there is.
 */

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check-output.h"
#include "cleanup.h"
#include "fuzz.h"
#include "kernel-command-line.h"
#include "tree.h"

#define GOOD_PARENT "good"
#define GOOD_UUID "83b8f4f2-509f-382f-3c1e-00000000600d"
#define GOOD "P " GOOD_PARENT "\nF " GOOD_UUID "\t{\"mdev_type\": \"t-1\", \"start\": \"auto\"}\n"

int generator_main(int argc, char *argv[]);

static const char *scratch;
static char root_directory[PATH_MAX], out[PATH_MAX], normal[PATH_MAX], early[PATH_MAX], late[PATH_MAX];
static struct root root;

static void path_make(char ret[static PATH_MAX], const char *directory, const char *name)
{
        REQUIRE(snprintf(ret, PATH_MAX, "%s/%s", directory, name) < PATH_MAX, "%s: too long", directory);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
        (void) argc;
        (void) argv;
        scratch = fuzz_scratch();
        path_make(root_directory, scratch, "root");
        path_make(out, scratch, "out");
        path_make(normal, out, "normal");
        path_make(early, out, "early");
        path_make(late, out, "late");
        REQUIRE(setenv("MDEVCTL_ENV_ROOT", root_directory, true) == 0, "%m");
        REQUIRE(root_init(&root) == 0, "$TMPDIR must be absolute");
        return 0;
}

static void generate(void)
{
        char program[] = "mdev-generator", *arguments[] = {program, normal, early, late, NULL};
        int status, next_fd = dup(STDIN_FILENO);

        close(next_fd);
        REQUIRE(mkdir(out, 0755) == 0 && mkdir(normal, 0755) == 0 && mkdir(early, 0755) == 0 &&
                        mkdir(late, 0755) == 0,
                "%m");
        fuzz_capture(STDERR_FILENO);
        status = generator_main(4, arguments);
        fuzz_check_message(fuzz_captured(STDERR_FILENO), "mdev-generator: ");
        REQUIRE(status == EXIT_SUCCESS, "exit status %d", status);
        status = dup(STDIN_FILENO);
        REQUIRE(status == next_fd, "a file is left open");
        close(status);
}

static int count_entries(const char *path)
{
        _cleanup_closedir_ DIR *dir = opendir(path);
        int n = -2; /* "." and ".." */

        REQUIRE(dir, "%s: %m", path);
        while (readdir(dir))
                n++;
        return n;
}

/* Where there is nothing but the two trees, nothing can have been written beside them. */
static void check_scratch(void)
{
        REQUIRE(count_entries(scratch) == 2, "something is written elsewhere");
        REQUIRE(count_entries(out) == 2, "something is written beside normal and early");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        _cleanup_free_ char *text = fuzz_text(data, size), *tree = NULL;
        char path[PATH_MAX];
        unsigned long before;
        bool autostart;

        /* A second definition of that UUID would be no bad one, and change the good one. */
        if (strstr(text, GOOD_UUID))
                return 0;
        REQUIRE(asprintf(&tree, GOOD "%s", text) >= 0, "%m");
        tree_make(root_directory, tree);
        fuzz_capture(STDERR_FILENO);
        autostart = kernel_command_line_wants_autostart(&root);
        fuzz_check_message(fuzz_captured(STDERR_FILENO), "mdev");

        before = tree_hash(root_directory);
        generate();
        REQUIRE(tree_hash(root_directory) == before, "the generator has changed what it reads");
        check_output(root_directory, out, autostart);
        check_scratch();
        path_make(path, normal, "mdev@" GOOD_UUID ".service.d/50-mdev.conf");
        REQUIRE(access(path, F_OK) == 0, "the good definition is lost");
        tree_remove(root_directory);
        tree_remove(out);
        return 0;
}
