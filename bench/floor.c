/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The least that a generator for mdev definitions must do
 *
 * usage: floor make TREE N     writes N definitions on 100 parents below TREE
 *        floor run TREE OUT    reads them and makes the directories, files and
 *                              links of a generator's output below OUT, with
 *                              fixed contents and without looking at anything
 */

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char definition[] = "{\n  \"mdev_type\": \"i915-GVTg_V5_4\",\n  \"start\": \"auto\",\n"
                                 "  \"attrs\": [\n    {\n      \"vendor/a\": \"1\"\n    }\n  ]\n}";
static const char drop_in[] =
        "[Unit]\nSourcePath=/etc/mdevctl.d/0000:00:00.0/83b8f4f2-509f-382f-3c1e-000000000000\n"
        "BindsTo=sys-class-mdev_bus-0000:00:00.0.device\n"
        "After=sys-class-mdev_bus-0000:00:00.0.device\n\n[Service]\n"
        "LogExtraFields=\"MDEV_PARENT=0000:00:00.0\" \"MDEV_TYPE=i915-GVTg_V5_4\"\n\n"
        "[Install]\nWantedBy=sys-class-mdev_bus-0000:00:00.0.device\n";

static void write_file(int dir, const char *name, const char *text)
{
        int fd = openat(dir, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

        if (fd < 0 || write(fd, text, strlen(text)) < 0)
                exit(EXIT_FAILURE);
        close(fd);
}

static void make(const char *tree, int n)
{
        char path[PATH_MAX];

        if (chdir(tree) < 0)
                exit(EXIT_FAILURE);
        mkdir("etc", 0755);
        mkdir("etc/mdevctl.d", 0755);
        for (int i = 0; i < n; i++) {
                snprintf(path, sizeof(path), "etc/mdevctl.d/0000:%02x:00.0", i % 100);
                mkdir(path, 0755);
                snprintf(path, sizeof(path), "etc/mdevctl.d/0000:%02x:00.0/83b8f4f2-509f-382f-3c1e-%012d",
                        i % 100, i);
                write_file(AT_FDCWD, path, definition);
        }
}

static void run(const char *tree, const char *out)
{
        char path[PATH_MAX];
        int out_fd = open(out, O_PATH | O_DIRECTORY), target;
        struct dirent *parent, *file;
        DIR *top, *dir;

        snprintf(path, sizeof(path), "%s/etc/mdevctl.d", tree);
        top = opendir(path);
        if (!top || out_fd < 0)
                exit(EXIT_FAILURE);
        mkdirat(out_fd, "mdev.target.d", 0755);
        target = openat(out_fd, "mdev.target.d/50-mdev.conf", O_WRONLY | O_CREAT, 0644);
        while ((parent = readdir(top))) {
                if (parent->d_name[0] == '.')
                        continue;
                dir = fdopendir(openat(dirfd(top), parent->d_name, O_RDONLY | O_DIRECTORY));
                while ((file = readdir(dir))) {
                        char text[512];
                        struct stat st;
                        int fd;

                        if (file->d_name[0] == '.')
                                continue;
                        fd = openat(dirfd(dir), file->d_name, O_RDONLY);
                        fstat(fd, &st);
                        if (read(fd, text, sizeof(text)) < 0)
                                exit(EXIT_FAILURE);
                        close(fd);

                        snprintf(path, sizeof(path), "mdev@%s.service.d", file->d_name);
                        mkdirat(out_fd, path, 0755);
                        snprintf(path, sizeof(path), "mdev@%s.service.d/50-mdev.conf", file->d_name);
                        write_file(out_fd, path, drop_in);
                        snprintf(path, sizeof(path), "sys-class-mdev_bus-%s.device.wants", parent->d_name);
                        mkdirat(out_fd, path, 0755);
                        snprintf(path, sizeof(path), "sys-class-mdev_bus-%s.device.wants/mdev@%s.service",
                                parent->d_name, file->d_name);
                        if (symlinkat("/usr/lib/systemd/system/mdev@.service", out_fd, path) < 0)
                                exit(EXIT_FAILURE);
                        if (write(target, drop_in, 120) < 0)
                                exit(EXIT_FAILURE);
                }
                closedir(dir);
        }
}

int main(int argc, char *argv[])
{
        if (argc == 4 && strcmp(argv[1], "make") == 0)
                make(argv[2], atoi(argv[3]));
        else if (argc == 4 && strcmp(argv[1], "run") == 0)
                run(argv[2], argv[3]);
        else
                return 2;
        return 0;
}
