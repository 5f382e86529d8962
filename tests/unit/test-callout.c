/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Callouts: what the process that runs them keeps
 */

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "callout-script.h"
#include "process.h"
#include "test.h"

static int run(const char *script, const char *input, struct process_result *ret)
{
        const char *const argv[] = {"/bin/sh", "-c", script, NULL};
        const struct process process = {
                .argv = argv, .input = input, .timeout_ms = 10000, .kill_timeout_ms = 1000};

        return process_run(&process, ret);
}

static int count_descriptors(void)
{
        DIR *dir = opendir("/proc/self/fd");
        int n = 0;

        if (!dir)
                abort();
        while (readdir(dir))
                n++;
        closedir(dir);
        return n;
}

static void test_descriptors(void)
{
        const int before = count_descriptors();
        struct process_result result;

        for (int i = 0; i < 3; i++) {
                CHECK_INT("script", run("cat; echo x >&2", "input", &result), 0);
                CHECK_STRING("script", result.output.text, "input");
                CHECK_STRING("script", result.errors.text, "x\n");
                process_result_done(&result);
        }
        {
                const char *const argv[] = {"/nonexistent", NULL};
                const struct process process = {.argv = argv, .timeout_ms = 1000};

                CHECK_INT("no script", process_run(&process, &result), 0);
                CHECK_INT("no script", result.end, PROCESS_NOT_EXECUTED);
                process_result_done(&result);
        }
        CHECK_INT("descriptors", count_descriptors(), before);
        CHECK_INT("children", waitpid(-1, NULL, WNOHANG), -1);
}

static void test_signals(void)
{
        const struct sigaction ignore = {.sa_handler = SIG_IGN}, standard = {.sa_handler = SIG_DFL};
        struct sigaction now;
        struct process_result result;
        sigset_t mask;

        /* The script closes its stdin, which must not kill the caller, whose SIGPIPE stays as it was. */
        sigaction(SIGPIPE, &standard, NULL);
        CHECK_INT("early end", run("exec <&-; sleep 0.1; exit 7", "input", &result), 0);
        CHECK_INT("early end", result.end, PROCESS_EXITED);
        CHECK_INT("early end", result.number, 7);
        process_result_done(&result);
        sigaction(SIGPIPE, NULL, &now);
        CHECK_INT("SIGPIPE", now.sa_handler == SIG_DFL, true);

        /* A caller that ignores SIGCHLD. */
        sigaction(SIGCHLD, &ignore, NULL);
        CHECK_INT("ignored child", run("exit 9", NULL, &result), 0);
        CHECK_INT("ignored child", result.number, 9);
        process_result_done(&result);
        sigaction(SIGCHLD, NULL, &now);
        CHECK_INT("SIGCHLD", now.sa_handler == SIG_IGN, true);
        sigaction(SIGCHLD, &standard, NULL);

        sigprocmask(SIG_SETMASK, NULL, &mask);
        CHECK_INT("mask", sigisemptyset(&mask), true);
}

static volatile sig_atomic_t cancelled;

static bool is_cancelled(void)
{
        return cancelled;
}

static void on_signal(int number)
{
        (void) number;
        cancelled = 1;
}

/* A signal before the script is waited for is not missed. */
static void test_cancel(void)
{
        const struct sigaction action = {.sa_handler = on_signal};
        const char *const argv[] = {"/bin/sh", "-c", "kill -USR1 $PPID; exec sleep 20", NULL};
        const struct process process = {
                .argv = argv, .timeout_ms = 15000, .kill_timeout_ms = 1000, .is_cancelled = is_cancelled};
        struct process_result result;

        sigaction(SIGUSR1, &action, NULL);
        CHECK_INT("cancel", process_run(&process, &result), 0);
        CHECK_INT("cancel", result.end, PROCESS_CANCELLED);
        process_result_done(&result);
}

static void test_output(void)
{
        struct process_result result;

        CHECK_INT("large", run("head -c 6000000 /dev/zero | tr '\\0' x; echo end >&2", NULL, &result), 0);
        CHECK_INT("large", (long long) result.output.size, PROCESS_OUTPUT_MAX);
        CHECK_INT("large", (long long) strlen(result.output.text), PROCESS_OUTPUT_MAX);
        CHECK_STRING("large", result.errors.text, "end\n");
        process_result_done(&result);

        CHECK_INT("nothing", run("exit 0", NULL, &result), 0);
        CHECK_INT("nothing", (long long) result.output.size, 0);
        process_result_done(&result);
}

static void test_names(void)
{
        /* The bits of the capabilities and the words in the offer are the same. */
        struct callout_capabilities capabilities;

        CHECK_INT("offer", callout_capabilities_parse(callout_capabilities_offer, &capabilities), -EINVAL);
        for (enum callout_action action = CALLOUT_START; action <= CALLOUT_CAPABILITIES; action++)
                CHECK_CONTAINS("offer", callout_capabilities_offer, callout_action_name(action));
        for (enum callout_event event = CALLOUT_PRE; event <= CALLOUT_LIVE; event++)
                CHECK_CONTAINS("offer", callout_capabilities_offer, callout_event_name(event));
}

static int print_timeout(void)
{
        struct callouts callouts;
        struct root root;

        if (root_init(&root) < 0)
                return EXIT_FAILURE;
        callouts_init(&callouts, &root, &(struct callout_handler){});
        printf("%d %d\n", callouts.timeout_ms, callouts.kill_timeout_ms);
        return EXIT_SUCCESS;
}

int main(int argc, char *argv[])
{
        if (argc == 2 && strcmp(argv[1], "print-timeout") == 0)
                return print_timeout();
        test_descriptors();
        test_signals();
        test_cancel();
        test_output();
        test_names();
        return test_result();
}
