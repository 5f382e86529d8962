/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * libsystemd, loaded at the first call
 *
 * Most commands do not talk to systemd, but libsystemd and the libraries that it
 * needs take the dynamic linker 0.9 ms, as long as all the rest of a command. So
 * the program is not linked with libsystemd: here are functions of the same names
 * that load it and pass their arguments on. Without the library they fail with
 * -ELIBACC or return NULL. The linker tells if one is missing here.
 */

#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-journal.h>
#include <systemd/sd-login.h>

/* Finds a function of libsystemd. NULL if there is no library, or an older one without it. */
static void *find(const char *name)
{
        static void *library;

        if (!library)
                library = dlopen("libsystemd.so.0", RTLD_NOW | RTLD_LOCAL);
        return library ? dlsym(library, name) : NULL;
}

/* A function of this name that passes its arguments on. */
#define FORWARD(type, failure, name, parameters, ...)                                                       \
        type name parameters                                                                                \
        {                                                                                                   \
                typeof(name) *function;                                                                     \
                static void *found;                                                                         \
                                                                                                            \
                if (!found)                                                                                 \
                        found = find(#name);                                                                \
                if (!found)                                                                                 \
                        return failure;                                                                     \
                memcpy(&function, &found, sizeof(function));                                                \
                return function(__VA_ARGS__);                                                               \
        }

#define FORWARD_INT(name, parameters, ...) FORWARD(int, -ELIBACC, name, parameters, __VA_ARGS__)
#define NOTHING /* what a void function returns */

/* It takes the types for multiplications. */
/* clang-format off */
FORWARD_INT(sd_bus_call_async, (sd_bus *bus, sd_bus_slot **slot, sd_bus_message *m,
                sd_bus_message_handler_t callback, void *userdata, uint64_t usec),
        bus, slot, m, callback, userdata, usec)
FORWARD_INT(sd_bus_error_copy, (sd_bus_error *dest, const sd_bus_error *e), dest, e)
FORWARD_INT(sd_bus_error_has_name, (const sd_bus_error *e, const char *name), e, name)
FORWARD_INT(sd_bus_get_fd, (sd_bus *bus), bus)
FORWARD_INT(sd_bus_is_open, (sd_bus *bus), bus)
FORWARD_INT(sd_bus_is_ready, (sd_bus *bus), bus)
FORWARD_INT(sd_bus_match_signal, (sd_bus *bus, sd_bus_slot **ret, const char *sender, const char *path,
                const char *interface, const char *member, sd_bus_message_handler_t callback, void *userdata),
        bus, ret, sender, path, interface, member, callback, userdata)
FORWARD_INT(sd_bus_message_appendv, (sd_bus_message *m, const char *types, va_list ap), m, types, ap)
FORWARD_INT(sd_bus_message_at_end, (sd_bus_message *m, int complete), m, complete)
FORWARD_INT(sd_bus_message_enter_container, (sd_bus_message *m, char type, const char *contents),
        m, type, contents)
FORWARD_INT(sd_bus_message_get_errno, (sd_bus_message *m), m)
FORWARD_INT(sd_bus_message_is_method_error, (sd_bus_message *m, const char *name), m, name)
FORWARD_INT(sd_bus_message_new_method_call, (sd_bus *bus, sd_bus_message **m, const char *destination,
                const char *path, const char *interface, const char *member),
        bus, m, destination, path, interface, member)
FORWARD_INT(sd_bus_message_read_array, (sd_bus_message *m, char type, const void **ptr, size_t *size),
        m, type, ptr, size)
FORWARD_INT(sd_bus_new, (sd_bus **ret), ret)
FORWARD_INT(sd_bus_open_system, (sd_bus **ret), ret)
FORWARD_INT(sd_bus_path_encode, (const char *prefix, const char *external_id, char **ret_path),
        prefix, external_id, ret_path)
FORWARD_INT(sd_bus_process, (sd_bus *bus, sd_bus_message **r), bus, r)
FORWARD_INT(sd_bus_set_address, (sd_bus *bus, const char *address), bus, address)
FORWARD_INT(sd_bus_start, (sd_bus *bus), bus)
FORWARD_INT(sd_bus_wait, (sd_bus *bus, uint64_t timeout_usec), bus, timeout_usec)
FORWARD_INT(sd_id128_from_string, (const char *s, sd_id128_t *ret), s, ret)
FORWARD_INT(sd_journal_add_disjunction, (sd_journal *j), j)
FORWARD_INT(sd_journal_add_match, (sd_journal *j, const void *data, size_t size), j, data, size)
FORWARD_INT(sd_journal_get_data, (sd_journal *j, const char *field, const void **data, size_t *l),
        j, field, data, l)
FORWARD_INT(sd_journal_get_realtime_usec, (sd_journal *j, uint64_t *ret), j, ret)
FORWARD_INT(sd_journal_next, (sd_journal *j), j)
FORWARD_INT(sd_journal_open, (sd_journal **ret, int flags), ret, flags)
FORWARD_INT(sd_journal_previous, (sd_journal *j), j)
FORWARD_INT(sd_journal_previous_skip, (sd_journal *j, uint64_t skip), j, skip)
FORWARD_INT(sd_journal_seek_tail, (sd_journal *j), j)
FORWARD_INT(sd_journal_wait, (sd_journal *j, uint64_t timeout_usec), j, timeout_usec)
FORWARD_INT(sd_pid_get_unit, (pid_t pid, char **unit), pid, unit)
FORWARD(const sd_bus_error *, NULL, sd_bus_message_get_error, (sd_bus_message *m), m)
FORWARD(sd_bus_message *, NULL, sd_bus_message_ref, (sd_bus_message *m), m)
FORWARD(sd_bus_message *, NULL, sd_bus_message_unref, (sd_bus_message *m), m)
FORWARD(sd_bus_slot *, NULL, sd_bus_slot_unref, (sd_bus_slot *slot), slot)
FORWARD(sd_bus *, NULL, sd_bus_unref, (sd_bus *bus), bus)
FORWARD(char *, NULL, sd_id128_to_string, (sd_id128_t id, char s[static SD_ID128_STRING_MAX]), id, s)
FORWARD(void, NOTHING, sd_bus_close, (sd_bus *bus), bus)
FORWARD(void, NOTHING, sd_bus_error_free, (sd_bus_error *e), e)
FORWARD(void, NOTHING, sd_journal_close, (sd_journal *j), j)
/* clang-format on */

int sd_bus_call_method_async(sd_bus *bus, sd_bus_slot **slot, const char *destination, const char *path,
        const char *interface, const char *member, sd_bus_message_handler_t callback, void *userdata,
        const char *types, ...)
{
        typeof(sd_bus_call_method_asyncv) *function;
        void *found = find("sd_bus_call_method_asyncv");
        va_list ap;
        int r;

        if (!found)
                return -ELIBACC;
        memcpy(&function, &found, sizeof(function));
        va_start(ap, types);
        r = function(bus, slot, destination, path, interface, member, callback, userdata, types, ap);
        va_end(ap);
        return r;
}

int sd_bus_message_read(sd_bus_message *m, const char *types, ...)
{
        typeof(sd_bus_message_readv) *function;
        void *found = find("sd_bus_message_readv");
        va_list ap;
        int r;

        if (!found)
                return -ELIBACC;
        memcpy(&function, &found, sizeof(function));
        va_start(ap, types);
        r = function(m, types, ap);
        va_end(ap);
        return r;
}
