/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cleanup.h"
#include "process.h"
#include "util.h"

#define BUSY_STEP_MS 10

/* A pipe between caller and script. */
struct channel {
        int ours, theirs;
};
#define CHANNEL_NONE                                                                                        \
        {                                                                                                   \
                .ours = -1, .theirs = -1                                                                    \
        }

static void channel_done(struct channel *channel)
{
        cleanup_close(&channel->ours);
        cleanup_close(&channel->theirs);
}
#define _cleanup_channel_ _cleanup_(channel_done)

static void close_now(int *fd)
{
        cleanup_close(fd);
        *fd = -1;
}

static int channel_open(struct channel *ret, bool to_script)
{
        int fds[2];

        if (pipe2(fds, O_CLOEXEC) < 0)
                return -errno;
        ret->ours = fds[to_script];
        ret->theirs = fds[!to_script];
        return fcntl(ret->ours, F_SETFL, O_NONBLOCK) < 0 ? -errno : 0;
}

/* The arguments and descriptors of a new script. */
struct start {
        const char *const *argv;
        int fds[3]; /* its stdin, stdout and stderr */
};

/* execve(2) does not write to the strings; its type is older than const. */
static char *const *start_arguments(const struct start *start)
{
        const union {
                const char *const *ours;
                char *const *theirs;
        } arguments = {.ours = start->argv};

        return arguments.theirs;
}

/* Runs in the child. Returns the errno of the failed call. */
static int exec_script(const struct start *start)
{
        sigset_t none;

        sigemptyset(&none);
        if (signal(SIGPIPE, SIG_DFL) == SIG_ERR || sigprocmask(SIG_SETMASK, &none, NULL) < 0)
                return errno;
        for (int i = 0; i < 3; i++)
                if ((start->fds[i] == i ? fcntl(i, F_SETFD, 0) : dup2(start->fds[i], i)) < 0)
                        return errno;
        execve(start->argv[0], start_arguments(start), environ);
        return errno;
}

/* Replaces posix_spawn(3) where clone3(2) fails with EPERM: posix_spawn(3) falls back only on ENOSYS. */
static int spawn_by_fork(const struct start *start, pid_t *ret)
{
        _cleanup_close_ int ours = -1, theirs = -1;
        int fds[2], r = 0;
        pid_t pid;

        if (pipe2(fds, O_CLOEXEC) < 0)
                return errno;
        ours = fds[0];
        theirs = fds[1];
        pid = fork();
        if (pid < 0)
                return errno;
        if (pid == 0) {
                /* Keep this descriptor out of the range 0 to 2, which exec_script() replaces. */
                int error_fd = fcntl(theirs, F_DUPFD_CLOEXEC, 3);

                r = exec_script(start);
                _exit(write(error_fd, &r, sizeof(r)) == sizeof(r) ? EXIT_FAILURE : 127);
        }
        close_now(&theirs);
        /* An empty pipe means that the script runs. */
        if (read(ours, &r, sizeof(r)) != sizeof(r)) {
                *ret = pid;
                return 0;
        }
        waitpid(pid, NULL, 0);
        return r;
}

static int spawn_by_library(const struct start *start, pid_t *ret)
{
        posix_spawn_file_actions_t actions;
        posix_spawnattr_t attributes;
        sigset_t none, standard;
        int r;

        r = posix_spawn_file_actions_init(&actions);
        if (r != 0)
                return r;
        r = posix_spawnattr_init(&attributes);
        if (r != 0) {
                posix_spawn_file_actions_destroy(&actions);
                return r;
        }
        /* systemd ignores SIGPIPE for its services, and the caller blocks signals. */
        sigemptyset(&none);
        sigemptyset(&standard);
        sigaddset(&standard, SIGPIPE);
        posix_spawnattr_setsigmask(&attributes, &none);
        posix_spawnattr_setsigdefault(&attributes, &standard);
        posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);

        for (int i = 0; r == 0 && i < 3; i++)
                r = posix_spawn_file_actions_adddup2(&actions, start->fds[i], i);
        if (r == 0)
                r = posix_spawn(ret, start->argv[0], &actions, &attributes, start_arguments(start), environ);
        posix_spawnattr_destroy(&attributes);
        posix_spawn_file_actions_destroy(&actions);
        return r;
}

static int spawn(
        const char *const *argv, struct channel *in, struct channel *out, struct channel *err, pid_t *ret)
{
        /* A caller without stdin, stdout or stderr gets pipes with low descriptor numbers. In this order, no
         * descriptor is overwritten before its use, because the pipe for stdin was opened first. */
        const struct start start = {.argv = argv, .fds = {in->theirs, out->theirs, err->theirs}};
        int r;

        /* ETXTBSY: a process that just wrote the script may have forked a child that still has it open. */
        for (int waited = 0; true; waited += BUSY_STEP_MS) {
                r = spawn_by_library(&start, ret);
                if (r == EPERM)
                        r = spawn_by_fork(&start, ret);
                if (r != ETXTBSY || waited >= PROCESS_BUSY_WAIT_MS)
                        break;
                (void) sleep_msec(BUSY_STEP_MS);
        }
        close_now(&in->theirs);
        close_now(&out->theirs);
        close_now(&err->theirs);
        return -r;
}

/* Appends to an output, up to PROCESS_OUTPUT_MAX. */
static int output_append(struct process_output *output, const char *data, size_t size)
{
        if (size > PROCESS_OUTPUT_MAX - output->size)
                size = PROCESS_OUTPUT_MAX - output->size;
        if (output->size + size + 1 > output->allocated) {
                size_t more = output->allocated * 2;
                char *text;

                if (more < output->size + size + 1)
                        more = output->size + size + 1;
                text = realloc(output->text, more);
                if (!text)
                        return -ENOMEM;
                output->text = text;
                output->allocated = more;
        }
        memcpy(output->text + output->size, data, size);
        output->size += size;
        output->text[output->size] = '\0';
        return 0;
}

/* Reads once. Closes our end at end of file. */
static int channel_read(struct channel *channel, struct process_output *output)
{
        char buffer[16384];
        ssize_t n = read(channel->ours, buffer, sizeof(buffer));

        if (n > 0)
                return output_append(output, buffer, (size_t) n);
        if (n == 0 || (errno != EAGAIN && errno != EINTR))
                close_now(&channel->ours);
        return 0;
}

/* Reads the bytes that are already in the pipe. The script has ended, and later output of its background
 * processes does not count. */
static int channel_drain(struct channel *channel, struct process_output *output)
{
        int left = 0, r = 0;

        if (channel->ours < 0 || ioctl(channel->ours, FIONREAD, &left) < 0)
                return 0;
        while (r >= 0 && left > 0 && channel->ours >= 0) {
                const size_t before = output->size;

                r = channel_read(channel, output);
                if (output->size == before)
                        break;
                left -= (int) (output->size - before);
        }
        return r;
}

/* Writes as much as the pipe takes. Closes our end after the last byte, or if the script closed its end: a
 * script need not read its input. */
static void channel_write(struct channel *channel, const char **text)
{
        ssize_t n = write(channel->ours, *text, strlen(*text));

        if (n > 0)
                *text += n;
        if (**text == '\0' || (n < 0 && errno != EAGAIN && errno != EINTR))
                close_now(&channel->ours);
}

struct run {
        const struct process *process;
        pid_t pid;
        struct channel in, out, err;
        const char *input;
        int64_t deadline;
        int next_signal; /* 0 after SIGKILL */
        struct process_result *result;
};

static void run_end_script(struct run *run, enum process_end why)
{
        if (run->result->end == PROCESS_EXITED)
                run->result->end = why;
        kill(run->pid, run->next_signal);
        run->next_signal = run->next_signal == SIGTERM ? SIGKILL : 0;
        run->deadline = now_msec() + run->process->kill_timeout_ms;
}

/* True if a child has ended. Does not reap it. */
static bool has_ended(pid_t pid)
{
        siginfo_t info = {};

        return waitid(P_PID, (id_t) pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == pid;
}

/* The handler exists only so that SIGCHLD interrupts ppoll(2). */
static void on_sigchld(int number)
{
        (void) number;
}

/* Returns 1 when the script has ended or the caller gives up on it. */
static int run_step(struct run *run, const sigset_t *mask)
{
        struct pollfd pollfds[] = {
                {.fd = run->in.ours, .events = POLLOUT},
                {.fd = run->out.ours, .events = POLLIN},
                {.fd = run->err.ours, .events = POLLIN},
        };
        int64_t left = run->deadline - now_msec();
        int r;

        if (run->process->is_cancelled && run->process->is_cancelled() && run->next_signal == SIGTERM) {
                run_end_script(run, PROCESS_CANCELLED);
                return 0;
        }
        if (left <= 0) {
                if (run->next_signal == 0)
                        return 1;
                run_end_script(run, PROCESS_TIMED_OUT);
                return 0;
        }

        r = ppoll(pollfds, ELEMENTSOF(pollfds),
                &(struct timespec){.tv_sec = left / 1000, .tv_nsec = left % 1000 * 1000000}, mask);
        if (r < 0 && errno != EINTR)
                return -errno;
        if (r > 0 && pollfds[0].revents)
                channel_write(&run->in, &run->input);
        if (r > 0 && pollfds[1].revents && channel_read(&run->out, &run->result->output) < 0)
                return -ENOMEM;
        if (r > 0 && pollfds[2].revents && channel_read(&run->err, &run->result->errors) < 0)
                return -ENOMEM;
        return has_ended(run->pid);
}

static int run_wait(struct run *run, const sigset_t *mask)
{
        int status = 0, r;
        pid_t pid;

        do
                r = run_step(run, mask);
        while (r == 0);
        if (r < 0)
                kill(run->pid, SIGKILL);

        /* A script that survives SIGKILL is blocked in the kernel. Do not wait; its next
         * parent reaps it. */
        do
                pid = waitpid(run->pid, &status, r > 0 ? WNOHANG : 0);
        while (pid < 0 && errno == EINTR);
        if (r < 0)
                return r;
        if (pid < 0)
                return -errno;

        r = channel_drain(&run->out, &run->result->output);
        if (r >= 0)
                r = channel_drain(&run->err, &run->result->errors);
        if (run->result->end == PROCESS_EXITED && WIFSIGNALED(status)) {
                run->result->end = PROCESS_KILLED;
                run->result->number = WTERMSIG(status);
        } else if (run->result->end == PROCESS_EXITED)
                run->result->number = WEXITSTATUS(status);
        return r;
}

static int run_script(struct run *run, const sigset_t *mask)
{
        int r;

        r = channel_open(&run->in, true);
        if (r >= 0)
                r = channel_open(&run->out, false);
        if (r >= 0)
                r = channel_open(&run->err, false);
        if (r < 0)
                return r;

        r = spawn(run->process->argv, &run->in, &run->out, &run->err, &run->pid);
        if (r == -ENOMEM || r == -EAGAIN || r == -EMFILE || r == -ENFILE || r == -ETXTBSY)
                return r;
        if (r < 0) {
                run->result->end = PROCESS_NOT_EXECUTED;
                run->result->number = -r;
                return 0;
        }

        run->deadline = now_msec() + run->process->timeout_ms;
        return run_wait(run, mask);
}

static void run_done(struct run *run)
{
        channel_done(&run->in);
        channel_done(&run->out);
        channel_done(&run->err);
}

int process_run(const struct process *process, struct process_result *ret)
{
        const struct sigaction ignore = {.sa_handler = SIG_IGN}, interrupt = {.sa_handler = on_sigchld};
        _cleanup_process_result_ struct process_result result = {.end = PROCESS_EXITED};
        __attribute__((cleanup(run_done))) struct run run = {
                .process = process,
                .in = CHANNEL_NONE,
                .out = CHANNEL_NONE,
                .err = CHANNEL_NONE,
                .input = process->input ? process->input : "",
                .next_signal = SIGTERM,
                .result = &result,
        };
        struct sigaction old_pipe, old_child;
        sigset_t blocked, mask, waiting;
        int r;

        /* Block signals except during ppoll(2), so that none is missed between a check and the wait. */
        sigfillset(&blocked);
        sigdelset(&blocked, SIGPIPE);
        sigprocmask(SIG_BLOCK, &blocked, &mask);
        sigaction(SIGPIPE, &ignore, &old_pipe);
        sigaction(SIGCHLD, &interrupt, &old_child);
        waiting = mask;
        sigdelset(&waiting, SIGCHLD);

        r = run_script(&run, &waiting);

        sigaction(SIGCHLD, &old_child, NULL);
        sigaction(SIGPIPE, &old_pipe, NULL);
        sigprocmask(SIG_SETMASK, &mask, NULL);

        if (r < 0)
                return r;
        *ret = result;
        result = (struct process_result){.end = PROCESS_EXITED};
        return 0;
}

void process_result_done(struct process_result *result)
{
        free(result->output.text);
        free(result->errors.text);
        *result = (struct process_result){.end = PROCESS_EXITED};
}
