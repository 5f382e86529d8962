/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Opening beneath a directory: the step-by-step walk gives the same result as openat2(2)
 */

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "open-beneath.h"
#include "test.h"

static int by_kernel(int dirfd, const char *name, int flags)
{
        struct open_how how = {
                .flags = (unsigned long long) flags | O_CLOEXEC,
                .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
        };
        int fd = (int) syscall(SYS_openat2, dirfd, name, &how, sizeof(how));

        return fd < 0 ? -errno : fd;
}

/* Returns the inode number of the file that a name leads to, or a negative errno. Closes the file. */
static long long file_of(int fd)
{
        struct stat st;

        if (fd < 0)
                return fd;
        if (fstat(fd, &st) < 0)
                return -errno;
        close(fd);
        return (long long) st.st_ino;
}

static void make(const char *name, const char *target)
{
        int fd;

        if (target)
                fd = symlink(target, name);
        else if (name[strlen(name) - 1] == '/')
                fd = mkdir(name, 0700);
        else
                fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        CHECK_INT(name, fd < 0 ? errno : 0, 0);
        if (fd > 0)
                close(fd);
}

static int remove_entry(const char *name, const struct stat *st, int kind, struct FTW *ftw)
{
        (void) st;
        (void) kind;
        (void) ftw;
        return remove(name);
}

static const struct {
        const char *name;
        long long error; /* 0 where there is a file */
} names[] = {
        {"file", 0},
        {"sub/file", 0},
        {"sub//file", 0},
        {"./sub/./file", 0},
        {"sub/../file", 0},
        {"sub/deep/../../sub/deep/file", 0},
        {"missing", -ENOENT},
        {"sub/missing", -ENOENT},
        {"missing/file", -ENOENT},
        {"", -ENOENT},
        {"file/", -ENOTDIR},
        {"file/.", -ENOTDIR},
        {"file/..", -ENOTDIR},
        {"file/x", -ENOTDIR},
        {"..", -EXDEV},
        {"../outside", -EXDEV},
        {"sub/../../device/file", -EXDEV},
        {"/etc/passwd", -EXDEV},
        {"link", 0},
        {"link-up", 0},
        {"link-to-link", 0},
        {"link-directory/file", 0},
        {"link-directory/../file", 0},
        {"link-slash/file", 0},
        {"link-file/", -ENOTDIR},
        {"link-file/x", -ENOTDIR},
        {"link-nowhere", -ENOENT},
        {"link-out", -EXDEV},
        {"link-out-and-in", -EXDEV},
        {"link-absolute", -EXDEV},
        {"link-absolute-beneath", -EXDEV},
        {"sub/link-out", -EXDEV},
        {"sub/link-directory-out/outside", -EXDEV},
        {"loop", -ELOOP},
        {"loop/x", -ELOOP},
};

static const int all_flags[] = {O_RDONLY, O_WRONLY | O_TRUNC, O_PATH};

/* Directories can be read and not be written to. */
static const char *const directories[] = {"sub", "sub/", ".", "./", "sub/..", "sub/deep/..",
        "link-directory", "link-directory/", "link-slash", "link-dot-dot"};

int main(void)
{
        char directory[] = "/tmp/test-open-beneath.XXXXXX", absolute[sizeof(directory) + 16], chain[32];
        bool kernel;
        int fd;

        if (!mkdtemp(directory) || chdir(directory) < 0) {
                perror(directory);
                return EXIT_FAILURE;
        }
        make("outside", NULL);
        make("device/", NULL);
        CHECK_INT("device", chdir("device"), 0);
        make("file", NULL);
        make("sub/", NULL);
        make("sub/file", NULL);
        make("sub/deep/", NULL);
        make("sub/deep/file", NULL);
        make("link", "file");
        make("link-up", "sub/../file");
        make("link-to-link", "link");
        make("link-file", "file");
        make("link-directory", "sub");
        make("link-slash", "sub//");
        make("link-dot-dot", "sub/..");
        make("link-nowhere", "nowhere");
        make("link-out", "../outside");
        make("link-out-and-in", "../device/file");
        make("link-absolute", "/etc/passwd");
        snprintf(absolute, sizeof(absolute), "%s/device/file", directory);
        make("link-absolute-beneath", absolute);
        make("sub/link-out", "../../outside");
        make("sub/link-directory-out", "../..");
        make("loop", "loop");
        /* As many links as the kernel follows, and one more. */
        make("chain-40", "file");
        for (int i = 39; i >= 0; i--) {
                char target[32];

                snprintf(chain, sizeof(chain), "chain-%d", i);
                snprintf(target, sizeof(target), "chain-%d", i + 1);
                make(chain, target);
        }

        fd = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
        kernel = by_kernel(fd, "file", O_RDONLY) >= 0;
        for (size_t i = 0; i < ELEMENTSOF(names); i++)
                for (size_t k = 0; k < ELEMENTSOF(all_flags); k++) {
                        const int flags = all_flags[k];
                        const long long is = file_of(open_beneath_by_steps(fd, names[i].name, flags));

                        CHECK_INT(names[i].name, is < 0 ? is : 0, names[i].error);
                        CHECK_INT(names[i].name, file_of(open_beneath(fd, names[i].name, flags)), is);
                        if (kernel)
                                CHECK_INT(names[i].name, file_of(by_kernel(fd, names[i].name, flags)), is);
                }
        for (size_t i = 0; i < ELEMENTSOF(directories); i++) {
                const long long is = file_of(open_beneath_by_steps(fd, directories[i], O_RDONLY));

                CHECK_INT(directories[i], is > 0, true);
                CHECK_INT(directories[i], open_beneath_by_steps(fd, directories[i], O_WRONLY), -EISDIR);
                if (kernel)
                        CHECK_INT(directories[i], file_of(by_kernel(fd, directories[i], O_RDONLY)), is);
        }
        CHECK_INT("40 links", file_of(open_beneath_by_steps(fd, "chain-1", O_RDONLY)) > 0, true);
        CHECK_INT("41 links", file_of(open_beneath_by_steps(fd, "chain-0", O_RDONLY)), -ELOOP);
        if (kernel) {
                CHECK_INT("40 links", file_of(by_kernel(fd, "chain-1", O_RDONLY)) > 0, true);
                CHECK_INT("41 links", file_of(by_kernel(fd, "chain-0", O_RDONLY)), -ELOOP);
        }
        close(fd);

        /* A link to a file that has no name is followed by neither. */
        fd = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);
        CHECK_INT("fd/0", open_beneath_by_steps(fd, "exe", O_RDONLY) < 0, true);
        CHECK_INT("root", open_beneath_by_steps(fd, "root/etc/passwd", O_RDONLY) < 0, true);
        close(fd);

        CHECK_INT("remove", nftw(directory, remove_entry, 8, FTW_PHYS | FTW_DEPTH), 0);
        return test_result();
}
