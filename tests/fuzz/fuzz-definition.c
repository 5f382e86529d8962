/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Definitions: reading, writing and changing them
 *
 * The input is the text of a definition and, behind a NUL, changes to be made.
 * What has been read is the same after writing and reading it again, by every
 * way there is, and after a change it is what a plain list would be.
 */

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "callout.h"
#include "cleanup.h"
#include "definition-edit.h"
#include "definition-file.h"
#include "fuzz.h"
#include "name.h"

#define PARENT "parent"
#define UUID "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001"
#define MODEL_SIZE 512

/* The expected definition after changes. Strings are borrowed. */
struct model {
        const char *type;
        bool autostart;
        size_t n;
        struct {
                const char *name, *value;
        } attributes[MODEL_SIZE];
};

static struct root scratch;
static int definitions_fd;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
        (void) argc;
        (void) argv;
        scratch.path = fuzz_scratch();
        definitions_fd = open(scratch.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        REQUIRE(definitions_fd >= 0, "%m");
        return 0;
}

/* False if there are more attributes than fit. */
static bool model_of(const struct definition *definition, struct model *ret)
{
        const cJSON *position = NULL;
        const char *name, *value;

        *ret = (struct model){.type = definition->type, .autostart = definition->autostart};
        if (definition_count_attributes(definition) > MODEL_SIZE)
                return false;
        while (definition_next_attribute(definition, &position, &name, &value)) {
                ret->attributes[ret->n].name = name;
                ret->attributes[ret->n++].value = value;
        }
        return true;
}

static void require_same(const struct definition *definition, const struct model *model, const char *how)
{
        const cJSON *position = NULL;
        const char *name, *value;

        REQUIRE(strcmp(definition->type, model->type) == 0, "%s: the type is %s, not %s", how,
                definition->type, model->type);
        REQUIRE(definition->autostart == model->autostart, "%s: start is not the same", how);
        REQUIRE(definition_count_attributes(definition) == model->n, "%s: %zu attributes, not %zu", how,
                definition_count_attributes(definition), model->n);
        for (size_t i = 0; definition_next_attribute(definition, &position, &name, &value); i++)
                REQUIRE(strcmp(name, model->attributes[i].name) == 0 &&
                                strcmp(value, model->attributes[i].value) == 0,
                        "%s: attribute %zu is %s=%s, not %s=%s", how, i, name, value,
                        model->attributes[i].name, model->attributes[i].value);
}

static void require_usable(const struct definition *definition)
{
        const cJSON *position = NULL;
        const char *name, *value;

        REQUIRE(!name_check(definition->type), "the type %s", definition->type);
        while (definition_next_attribute(definition, &position, &name, &value))
                REQUIRE(!stored_attribute_name_check(name) && value, "the attribute %s", name);
}

static void require_parses(const char *text, size_t size, const struct model *model, const char *how)
{
        _cleanup_definition_ struct definition again = {};
        struct reason reason;
        int r = definition_parse(text, size, &again, &reason);

        REQUIRE(r == 0, "%s: %s: %s", how, reason.text, text);
        require_same(&again, model, how);
}

static void require_prints(const struct definition *definition, const struct model *model, const char *how)
{
        _cleanup_free_ char *text = definition_print(definition);

        REQUIRE(text, "%s: not printed", how);
        for (const char *p = text; *p; p++)
                REQUIRE((unsigned char) *p >= 0x20 || *p == '\n', "%s: a control character: %s", how, text);
        require_parses(text, strlen(text), model, how);
}

static void require_calls_out(const struct definition *definition, const struct model *model)
{
        _cleanup_free_ char *text = definition_print_line(definition);

        REQUIRE(text && !strchr(text, '\n'), "callouts get more than a line: %s", text ? text : "(null)");
        require_parses(text, strlen(text), model, "callout");
}

static void require_files(const struct definition *definition, const struct model *model)
{
        _cleanup_definition_ struct definition again = {};
        struct reason reason;
        int r = definition_write(&scratch, "", PARENT, UUID, definition);

        REQUIRE(r == 0, "cannot write: %s", strerror(-r));
        r = definition_load(definitions_fd, PARENT "/" UUID, &again, &reason);
        REQUIRE(r == 0, "cannot load what was written: %s", reason.text);
        require_same(&again, model, "file");
}

static void model_insert(struct model *model, size_t index, const char *name, const char *value)
{
        memmove(model->attributes + index + 1, model->attributes + index,
                (model->n - index) * sizeof(model->attributes[0]));
        model->attributes[index].name = name;
        model->attributes[index].value = value;
        model->n++;
}

static void model_delete(struct model *model, size_t index)
{
        model->n--;
        memmove(model->attributes + index, model->attributes + index + 1,
                (model->n - index) * sizeof(model->attributes[0]));
}

/* Changes are two characters each: what to do, and where. Behind "9" is the end. */
static void edit(struct definition *definition, struct model *model, const struct model *original,
        const struct definition *from, const char *changes)
{
        static const char *const names[] = {"a", "vendor/param", "assign_adapter", "\xc3\xa9 \"\\"};
        static const char *const types[] = {"t-1", "i915-GVTg_V5_4", " \"\\ ", "\xf0\x9f\x98\x80"};
        static const char *const values[] = {"", "0x1f", "two\nlines\t\x7f", "\xf0\x9f\x98\x80\\u0041\""};

        for (; changes[0] && changes[1]; changes += 2) {
                const unsigned int number = (unsigned char) changes[1] % 16u;
                const size_t index = number > 9 ? ATTRIBUTE_END : number;
                int r;

                switch (changes[0]) {
                case '+':
                        if (model->n == MODEL_SIZE)
                                return;
                        r = definition_insert_attribute(
                                definition, index, names[number % 4], values[number / 4]);
                        REQUIRE(r == (index == ATTRIBUTE_END || index <= model->n ? 0 : -ERANGE), "+: %d",
                                r);
                        if (r == 0)
                                model_insert(model, index == ATTRIBUTE_END ? model->n : index,
                                        names[number % 4], values[number / 4]);
                        break;
                case '-':
                        r = definition_delete_attribute(definition, index);
                        REQUIRE(r == (index == ATTRIBUTE_END || index < model->n ? 0 : -ERANGE), "-: %d", r);
                        if (r == 0 && model->n > 0)
                                model_delete(model, index == ATTRIBUTE_END ? model->n - 1 : index);
                        break;
                case 't':
                        REQUIRE(definition_set_type(definition, types[number % 4]) == 0, "t");
                        model->type = types[number % 4];
                        break;
                case 'c':
                        REQUIRE(definition_copy_attributes(definition, from) == 0, "c");
                        memcpy(model->attributes, original->attributes, sizeof(model->attributes));
                        model->n = original->n;
                        break;
                case 'd':
                        definition_drop_attributes(definition);
                        model->n = 0;
                        break;
                }
        }
        require_same(definition, model, "changes");
        require_prints(definition, model, "print after changes");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        _cleanup_free_ char *whole = fuzz_text(data, size), *text = NULL;
        _cleanup_definition_ struct definition definition = {}, same = {}, none = {};
        static struct model model, original;
        struct reason reason = {};
        size_t length = strlen(whole);

        if (length < size)
                REQUIRE(definition_parse(whole, size, &none, &reason) == -EINVAL, "took a NUL");
        /* A copy of its own, so that not a byte behind it can be read unnoticed. */
        text = fuzz_text(data, length);
        if (definition_parse(text, length, &definition, &reason) < 0) {
                REQUIRE(reason.text[0] && memchr(reason.text, '\0', sizeof(reason.text)), "no reason");
                return 0;
        }
        require_usable(&definition);
        REQUIRE(definition_parse(text, length, &same, &reason) == 0, "parsed once only: %s", reason.text);
        if (!model_of(&same, &original))
                return 0;
        require_same(&definition, &original, "parse twice");
        require_prints(&definition, &original, "print");
        require_calls_out(&definition, &original);
        require_files(&definition, &original);
        if (length < size) {
                model = original;
                edit(&definition, &model, &original, &same, whole + length + 1);
        }
        return 0;
}
