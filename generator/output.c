/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "config.h"
#include "kernel-command-line.h"
#include "log.h"
#include "note.h"
#include "output.h"
#include "unit-file.h"
#include "unit-name.h"

#define TEMPLATE UNIT_DIR "/mdev@.service"
#define DROP_IN "50-mdev.conf"

int output_open(struct output *ret, const struct root *root, const char *normal, const char *early)
{
        _cleanup_output_ struct output output = OUTPUT_NONE;
        char path[PATH_MAX];
        int r;

        output.normal_fd = open(normal, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (output.normal_fd < 0)
                return log_error_errno(-errno, "%s: %m", normal);
        output.early_fd = open(early, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (output.early_fd < 0)
                return log_error_errno(-errno, "%s: %m", early);

        output.autostart = kernel_command_line_wants_autostart(root);
        r = root_path(root, path, NOTES_DIR);
        output.notes_fd = r < 0 ? -1 : open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
        guest_managers_collect(root, output.guest_managers);
        *ret = output;
        output = (struct output) OUTPUT_NONE;
        return 0;
}

void output_done(struct output *output)
{
        cleanup_close(&output->normal_fd);
        cleanup_close(&output->early_fd);
        cleanup_close(&output->target_fd);
        cleanup_close(&output->notes_fd);
}

int output_drop_in(const struct output *output, const char *unit, const struct unit_file *text)
{
        _cleanup_close_ int fd = -1;
        char path[UNIT_NAME_SIZE + 32];
        int r;

        snprintf(path, sizeof(path), "%s.d", unit);
        r = unit_file_make_directory(output->normal_fd, path);
        if (r < 0)
                return r;
        snprintf(path, sizeof(path), "%s.d/" DROP_IN, unit);
        fd = openat(output->normal_fd, path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
        if (fd < 0)
                return errno == EEXIST ? 1 : -errno;
        r = unit_file_write(text, fd);
        if (r < 0)
                (void) unlinkat(output->normal_fd, path, 0);
        return r;
}

/* systemd's own messages about the unit, for example about a failed dependency, contain the description. It
 * therefore names the parent that the unit waits for. A backslash at its end would continue the line. */
static void text_add_description(
        struct unit_file *text, const struct parent_names *parent, const struct definition *definition)
{
        if (parent->name[strlen(parent->name) - 1] == '\\')
                return;
        unit_file_add(text, "Description=Mediated device ");
        unit_file_add_literal(text, definition->type);
        unit_file_add(text, " on ");
        unit_file_add_literal(text, parent->name);
        unit_file_add(text, "\n");
}

void output_add_order(const struct output *output, struct unit_file *text)
{
        if (output->guest_managers[0] != '\0')
                unit_file_add(text, "Before=%s\n", output->guest_managers + 1);
}

static bool is_up_elsewhere(const struct output *output, const char *uuid, const char *parent)
{
        struct note note;

        if (output->notes_fd < 0 || note_load_at(output->notes_fd, uuid, &note) < 0)
                return false;
        switch (note.state) {
        case NOTE_STARTING:
        case NOTE_CREATING:
        case NOTE_ACTIVE:
        case NOTE_LOST:
                return strcmp(note.parent, parent) != 0;
        case NOTE_STOPPING:
                return note_has_process(&note) && strcmp(note.parent, parent) != 0;
        case NOTE_NONE:
        case NOTE_STOPPED:
        case NOTE_LEFT:
        case NOTE_UNFINISHED:
        case _NOTE_STATES:
                break;
        }
        return false;
}

/* A definition may have moved to another parent while its device is active. Do not bind the unit to the new
 * parent then: if the new parent is absent, systemd would stop the unit. */
static void text_add_parent(struct unit_file *text, const struct output *output, const char *uuid,
        const struct parent_names *parent, const struct definition *definition)
{
        if (is_up_elsewhere(output, uuid, parent->name))
                unit_file_add(text, "# Active on another parent, therefore not bound to this one.\n");
        else {
                text_add_description(text, parent, definition);
                unit_file_add(text, "BindsTo=%s\n", parent->registration);
        }
        unit_file_add(text, "After=%s\n", parent->registration);
        /* The driver makes the device a parent. */
        if (parent->driver[0] != '\0')
                unit_file_add(text, "After=%s\n", parent->driver);
}

/* Returns 1 if the UUID has a drop-in already, because another parent has a definition of it. */
static int write_drop_in(const struct output *output, const char *unit, const char *source,
        const struct parent_names *parent, const char *uuid, const struct definition *definition)
{
        struct unit_file text = {.size = 0};

        unit_file_add(&text, UNIT_FILE_HEADER "[Unit]\nSourcePath=");
        unit_file_add_literal(&text, source);
        unit_file_add(&text, "\n");
        text_add_parent(&text, output, uuid, parent, definition);
        output_add_order(output, &text);
        unit_file_add(&text, "\n[Service]\nLogExtraFields=");
        unit_file_add_word(&text, "MDEV_PARENT", parent->name);
        unit_file_add(&text, " ");
        unit_file_add_word(&text, "MDEV_TYPE", definition->type);
        unit_file_add(&text, "\n\n[Install]\nWantedBy=%s\n", parent->unit);

        return output_drop_in(output, unit, &text);
}

/* If several parents define the UUID, bind the unit to none of them: it would wait for all. The unit still
 * follows its device, and the helper uses the parent that is registered. */
static int unbind_drop_in(const struct output *output, const char *unit)
{
        _cleanup_close_ int fd = -1;
        char path[UNIT_NAME_SIZE + 32];
        struct unit_file text = {.size = 0};

        snprintf(path, sizeof(path), "%s.d/" DROP_IN, unit);
        fd = openat(output->normal_fd, path, O_WRONLY | O_TRUNC | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        unit_file_add(&text,
                UNIT_FILE_HEADER "# Defined under more than one parent, therefore bound to none.\n[Unit]\n");
        output_add_order(output, &text);
        return unit_file_write(&text, fd);
}

/* mdev.target waits for the units that start with their parents. All definitions share its drop-in; the
 * first one creates it. */
int output_add_to_target(struct output *output, const char *unit)
{
        static const char directory[] = "mdev.target.d", path[] = "mdev.target.d/" DROP_IN;
        const bool is_first = output->target_fd < 0;
        struct unit_file text = {.size = 0};
        int r;

        if (is_first) {
                r = unit_file_make_directory(output->normal_fd, directory);
                if (r < 0)
                        return r;
                output->target_fd = openat(output->normal_fd, path,
                        O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0644);
                if (output->target_fd < 0)
                        return -errno;
                unit_file_add(&text, UNIT_FILE_HEADER "[Unit]\n");
        }
        unit_file_add(&text, "Wants=%s\nAfter=%s\n", unit, unit);
        r = unit_file_write(&text, output->target_fd);
        /* Without its first lines, the drop-in is useless. */
        if (r < 0 && is_first) {
                (void) unlinkat(output->normal_fd, path, 0);
                cleanup_close(&output->target_fd);
                output->target_fd = -1;
        }
        return r;
}

int output_want(const struct output *output, const char *unit, const char *device_unit, const char *template)
{
        char wants[UNIT_NAME_SIZE + 16];

        snprintf(wants, sizeof(wants), "%s.wants", device_unit);
        return output->autostart ? unit_file_link(output->normal_fd, wants, unit, template)
                                 : unit_file_link(output->early_fd, wants, unit, "/dev/null");
}

int output_report(int r, const char *what)
{
        if (r < 0)
                log_error_errno(r,
                        "%s: Failed to write the units of this definition: %m; is /run full or read-only?",
                        what);
        return r;
}

int output_mask(const struct output *output, const char *wants, const char *uuid)
{
        char unit[UNIT_NAME_SIZE];

        unit_name_of_definition(unit, uuid);
        return output_report(unit_file_link(output->early_fd, wants, unit, "/dev/null"), unit);
}

int output_write(struct output *output, const char *source, const struct parent_names *parent,
        const char *uuid, const struct definition *definition, enum enabled enabled)
{
        char unit[UNIT_NAME_SIZE];
        int r;

        unit_name_of_definition(unit, uuid);
        r = write_drop_in(output, unit, source, parent, uuid, definition);
        if (r > 0) {
                log_warning(
                        "%s: the UUID is defined under another parent, too; it can be active on one of them",
                        source);
                r = unbind_drop_in(output, unit);
        }
        if (r >= 0 && (definition->autostart || enabled == ENABLED_BY_STRAY_LINK || !output->autostart))
                r = output_want(output, unit, parent->unit, TEMPLATE);
        if (r >= 0 && (definition->autostart || enabled) && output->autostart)
                r = output_add_to_target(output, unit);
        return output_report(r, source);
}
