/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "cleanup.h"
#include "digest.h"
#include "generate.h"
#include "generated.h"
#include "log.h"
#include "util.h"

/* The output directories of systemd's generators, and those of this comparison. */
static const char *const systemd_directories[] = {"/run/systemd/generator", "/run/systemd/generator.early"};
static const char *const own_directories[] = {NOTES_DIR "/.generated", NOTES_DIR "/.generated.early"};

static uint64_t digest_begin(const char *directory, const char *name)
{
        uint64_t digest = digest_add(DIGEST_BEGIN, directory, strlen(directory) + 1);

        return digest_add(digest, name, strlen(name) + 1);
}

/* Sums up the lines: their order is that of reading the definitions and means nothing. */
static uint64_t digest_of_file(int dirfd, const char *directory, const char *name)
{
        _cleanup_close_ int fd = openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
        FILE *f = fd < 0 ? NULL : fdopen(fd, "r");
        _cleanup_free_ char *line = NULL;
        const uint64_t begin = digest_begin(directory, name);
        uint64_t sum = begin;
        size_t size = 0;
        ssize_t n;

        if (!f)
                return 0;
        fd = -1;
        while ((n = getline(&line, &size, f)) > 0)
                sum += digest_add(begin, line, (size_t) n);
        fclose(f);
        return sum;
}

static uint64_t digest_of_link(int dirfd, const char *directory, const char *name)
{
        char target[PATH_MAX];
        ssize_t n = readlinkat(dirfd, name, target, sizeof(target));

        return n < 0 ? 0 : digest_add(digest_begin(directory, name), target, (size_t) n);
}

/* Sums up the results of a function for each matching entry. */
static uint64_t digest_of_directory(int dirfd_above, const char *directory, const char *pattern,
        uint64_t (*function)(int dirfd, const char *directory, const char *name))
{
        int fd = openat(dirfd_above, directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        _cleanup_closedir_ DIR *dir = fd < 0 ? NULL : fdopendir(fd);
        struct dirent *entry;
        uint64_t sum = 0;

        while (dir && (entry = readdir(dir)))
                if (fnmatch(pattern, entry->d_name, 0) == 0)
                        sum += function(fd, directory, entry->d_name);
        return sum;
}

/* The units that the generator makes. */
static const char *const templates[] = {"mdev@*.service", "mdev-driver@*.service", "vgpu@*.service"};

static uint64_t digest_of_entry(int dirfd, const char *directory, const char *name)
{
        uint64_t digest = 0;

        (void) directory;
        if (strcmp(name, "mdev.target.d") == 0)
                return digest_of_directory(dirfd, name, "50-mdev.conf", digest_of_file);
        for (size_t i = 0; i < ELEMENTSOF(templates); i++) {
                char drop_ins[64];

                snprintf(drop_ins, sizeof(drop_ins), "%s.d", templates[i]);
                if (fnmatch(drop_ins, name, 0) == 0)
                        return digest_of_directory(dirfd, name, "50-mdev.conf", digest_of_file);
                if (fnmatch("*.device.wants", name, 0) == 0)
                        digest += digest_of_directory(dirfd, name, templates[i], digest_of_link);
        }
        return digest;
}

static uint64_t digest_of_output(const struct root *root, const char *const directories[static 2])
{
        uint64_t sum = 1; /* 0 is the digest of nothing */

        for (size_t i = 0; i < 2; i++) {
                char path[PATH_MAX];

                if (root_path(root, path, "%s", directories[i]) >= 0)
                        sum += (i + 1) * digest_of_directory(AT_FDCWD, path, "*.*", digest_of_entry);
        }
        return sum;
}

/* Removes a directory with what is in it; what is no file goes to a function, if there is one. */
static void remove_directory(
        int dirfd_above, const char *directory, void (*remove_other)(int dirfd, const char *name))
{
        int fd = openat(dirfd_above, directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        _cleanup_closedir_ DIR *dir = fd < 0 ? NULL : fdopendir(fd);
        struct dirent *entry;

        while (dir && (entry = readdir(dir)))
                if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
                        unlinkat(fd, entry->d_name, 0) < 0 && remove_other)
                        remove_other(fd, entry->d_name);
        (void) unlinkat(dirfd_above, directory, AT_REMOVEDIR);
}

static void remove_directory_of_files(int dirfd, const char *name)
{
        remove_directory(dirfd, name, NULL);
}

/* The output consists of directories with files, and nothing deeper. */
static void remove_output(const char *directory)
{
        remove_directory(AT_FDCWD, directory, remove_directory_of_files);
}

/* Runs in a child with stderr on /dev/null: the generator logs the same messages at the reload. */
static int run_generator(const struct root *root, const char *normal, const char *early)
{
        pid_t pid;
        int status;

        if (mkdir(normal, 0700) < 0 || mkdir(early, 0700) < 0)
                return -errno;
        pid = fork();
        if (pid < 0)
                return -errno;
        if (pid == 0) {
                int null = open("/dev/null", O_RDWR | O_CLOEXEC);

                if (null >= 0)
                        (void) dup2(null, STDERR_FILENO);
                _exit(units_generate(root, normal, early) < 0 ? EXIT_FAILURE : EXIT_SUCCESS);
        }
        while (waitpid(pid, &status, 0) < 0)
                if (errno != EINTR)
                        return -errno;
        /* Ignore the exit status: it is a failure if one definition did not fit, and the other output is
         * usable. */
        return WIFEXITED(status) ? 0 : -EIO;
}

/* "mdev-monitor apply" may compare at the same time as the service. Returns the lock's file descriptor. */
static int output_lock(const struct root *root)
{
        _cleanup_close_ int fd = -1;
        char path[PATH_MAX];
        int r;

        r = root_path(root, path, NOTES_DIR);
        if (r < 0)
                return r;
        if (mkdir(path, 0755) < 0 && errno != EEXIST)
                return -errno;
        r = root_path(root, path, NOTES_DIR "/.generated.lock");
        if (r < 0)
                return r;
        fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (fd < 0 || flock(fd, LOCK_EX) < 0)
                return -errno;
        return TAKE_FD(fd);
}

uint64_t generated_at_reload(const struct root *root)
{
        return digest_of_output(root, systemd_directories);
}

int generated_compare(const struct root *root, uint64_t *ret_now, uint64_t *ret_then)
{
        _cleanup_close_ int lock = output_lock(root);
        char normal[PATH_MAX], early[PATH_MAX];
        int r;

        if (lock < 0)
                return lock;
        r = root_path(root, normal, "%s", own_directories[0]);
        if (r >= 0)
                r = root_path(root, early, "%s", own_directories[1]);
        if (r < 0)
                return r;
        remove_output(normal);
        remove_output(early);
        r = run_generator(root, normal, early);
        if (r >= 0) {
                *ret_now = digest_of_output(root, own_directories);
                *ret_then = generated_at_reload(root);
        }
        remove_output(normal);
        remove_output(early);
        return r;
}
