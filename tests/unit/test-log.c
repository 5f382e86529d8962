/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Messages with fields: what reaches the journal, and what stderr
 */

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "log.h"
#include "test.h"
#include "util.h"

static char directory[] = "/tmp/test-log.XXXXXX";
static char errors[64];
static int saved_stderr;

/* stderr is a file that JOURNAL_STREAM names, or does not. */
static void redirect_stderr(bool is_journal)
{
        char stream[64];
        struct stat st;
        int fd = open(errors, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

        fstat(fd, &st);
        snprintf(stream, sizeof(stream), "%ju:%ju", (uintmax_t) st.st_dev, (uintmax_t) st.st_ino);
        if (is_journal)
                setenv("JOURNAL_STREAM", stream, true);
        else
                unsetenv("JOURNAL_STREAM");
        dup2(fd, STDERR_FILENO);
        close(fd);
        log_init("test", LOG_TARGET_STDERR);
}

static void read_stderr(char *ret, size_t size)
{
        ssize_t n;
        int fd = open(errors, O_RDONLY | O_CLOEXEC);

        n = read(fd, ret, size - 1);
        ret[n < 0 ? 0 : n] = '\0';
        close(fd);
        dup2(saved_stderr, STDERR_FILENO);
}

static int open_journal(void)
{
        static const char *const directories[] = {"/run", "/run/systemd", "/run/systemd/journal"};
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        char path[64];
        int fd;

        for (size_t i = 0; i < ELEMENTSOF(directories); i++) {
                snprintf(path, sizeof(path), "%s%s", directory, directories[i]);
                mkdir(path, 0700);
        }
        snprintf(address.sun_path, sizeof(address.sun_path), "%s/run/systemd/journal/socket", directory);
        unlink(address.sun_path);
        fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        CHECK_INT("bind", bind(fd, (const struct sockaddr *) &address, sizeof(address)), 0);
        return fd;
}

/* Logs a message in which everything needs care. */
static void log_something(void)
{
        const struct log_subject subject = {
                .uuid = "83b8f4f2-509f-382f-3c1e-000000000001",
                .parent = "mtty",
                .attribute = "a\nMESSAGE_ID=0",
                .r = -EINVAL,
        };

        CHECK_INT("returned", log_explained(LOG_ERR, "0123", &subject, "%s: %m", "new\nline"), -EINVAL);
}

static void test_stderr_is_not_the_journal(void)
{
        char text[4096];
        int fd = open_journal();

        redirect_stderr(false);
        log_something();
        read_stderr(text, sizeof(text));
        CHECK_STRING("on stderr", text, "test: new\\x0aline: Invalid argument\n");
        CHECK_INT("no entry", recv(fd, text, sizeof(text), 0), -1);
        close(fd);
}

static void test_to_journal(void)
{
        char text[4096], entry[4096];
        ssize_t n;
        int fd = open_journal();

        redirect_stderr(true);
        log_something();
        read_stderr(text, sizeof(text));
        CHECK_STRING("nothing on stderr", text, "");
        n = recv(fd, entry, sizeof(entry) - 1, 0);
        entry[n < 0 ? 0 : n] = '\0';
        CHECK_STRING("entry", entry,
                "MESSAGE=new\\x0aline: Invalid argument\n"
                "MESSAGE_ID=0123\n"
                "PRIORITY=3\n"
                "SYSLOG_IDENTIFIER=test\n"
                "OBJECT_SYSTEMD_UNIT=mdev@83b8f4f2-509f-382f-3c1e-000000000001.service\n"
                "MDEV_UUID=83b8f4f2-509f-382f-3c1e-000000000001\n"
                "MDEV_PARENT=mtty\n"
                "MDEV_ATTRIBUTE=a\\x0aMESSAGE_ID=0\n"
                "ERRNO=22\n");
        CHECK_INT("one entry", recv(fd, entry, sizeof(entry), 0), -1);
        close(fd);
}

/* The socket is left without a journal. */
static void test_without_journal(void)
{
        char text[4096];

        redirect_stderr(true);
        log_something();
        read_stderr(text, sizeof(text));
        CHECK_STRING("on stderr", text, "<3>new\\x0aline: Invalid argument\n");
}

int main(void)
{
        static const char *const made[] = {"/run/systemd/journal/socket", "/run/systemd/journal",
                "/run/systemd", "/run", "/stderr", ""};
        char path[64];

        saved_stderr = dup(STDERR_FILENO);
        if (!mkdtemp(directory))
                return EXIT_FAILURE;
        setenv("MDEVCTL_ENV_ROOT", directory, true);
        snprintf(errors, sizeof(errors), "%s/stderr", directory);
        /* A program does not change its target, so this order matters. */
        test_stderr_is_not_the_journal();
        test_to_journal();
        test_without_journal();
        for (size_t i = 0; i < ELEMENTSOF(made); i++) {
                snprintf(path, sizeof(path), "%s%s", directory, made[i]);
                remove(path);
        }
        return test_result();
}
