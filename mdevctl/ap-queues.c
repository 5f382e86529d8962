/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "ap-queues.h"
#include "text.h"
#include "util.h"

/* The number of words in a set of queues. */
#define WORDS ELEMENTSOF(((struct ap_queues *) NULL)->bits)

/* The adapters and domains of a device, before they are combined. */
struct matrix {
        bool adapters[AP_NUMBERS], domains[AP_NUMBERS];
};

bool ap_is_type(const char *type)
{
        return strncmp(type, "vfio_ap-", strlen("vfio_ap-")) == 0;
}

static int digit_value(char c)
{
        if (c >= '0' && c <= '9')
                return c - '0';
        if (c >= 'a' && c <= 'f')
                return c - 'a' + 10;
        return c >= 'A' && c <= 'F' ? c - 'A' + 10 : 16;
}

/* Reads a number as kstrtoul() of the kernel does in base 0, which strtoul(3) does not: no white space, no
 * "-", one newline at the end. False if it is no number or too large for an adapter or domain. */
static bool parse_number(const char *text, unsigned int *ret)
{
        unsigned int number = 0;
        int base = 10;

        text += text[0] == '+';
        if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X') && isxdigit((unsigned char) text[2])) {
                base = 16;
                text += 2;
        } else if (text[0] == '0')
                base = 8;
        if (digit_value(*text) >= base)
                return false;
        for (; digit_value(*text) < base; text++) {
                number = number * (unsigned int) base + (unsigned int) digit_value(*text);
                if (number >= AP_NUMBERS)
                        return false;
        }
        text += *text == '\n';
        *ret = number;
        return *text == '\0';
}

/* Reads one mask as ap_hex2bitmap() of the kernel does: bit 0 is the leftmost, and a short mask lacks bits
 * at the right. Returns the end, or NULL if it is no mask. */
static const char *parse_mask(const char *text, bool ret[static AP_NUMBERS])
{
        memset(ret, 0, AP_NUMBERS * sizeof(bool));
        if (text[0] == '0' && text[1] == 'x')
                text += 2;
        else if (text[0] == 'x')
                text++;
        for (unsigned int i = 0; i < AP_NUMBERS && isxdigit((unsigned char) *text); i += 4, text++)
                for (unsigned int n = 0; n < 4; n++)
                        ret[i + n] = digit_value(*text) & (8 >> n);
        return *text == '\0' || *text == ',' || *text == '\n' ? text : NULL;
}

/* "MASK,MASK,MASK": adapters, domains, control domains */
static bool parse_config(const char *text, struct matrix *ret)
{
        bool control_domains[AP_NUMBERS];

        text = parse_mask(text, ret->adapters);
        if (!text || *text != ',')
                return false;
        text = parse_mask(text + 1, ret->domains);
        if (!text || *text != ',')
                return false;
        text = parse_mask(text + 1, control_domains);
        if (!text)
                return false;
        text += *text == '\n';
        return *text == '\0';
}

static void matrix_write(struct matrix *matrix, const char *name, const char *value)
{
        const struct {
                const char *name;
                bool *numbers, assigned;
        } attributes[] = {
                {"assign_adapter", matrix->adapters, true},
                {"unassign_adapter", matrix->adapters, false},
                {"assign_domain", matrix->domains, true},
                {"unassign_domain", matrix->domains, false},
        };
        struct matrix config;
        unsigned int number;

        if (strcmp(name, "ap_config") == 0 && parse_config(value, &config))
                *matrix = config;
        for (size_t i = 0; i < ELEMENTSOF(attributes); i++)
                if (strcmp(name, attributes[i].name) == 0 && parse_number(value, &number))
                        attributes[i].numbers[number] = attributes[i].assigned;
}

static void combine(const struct matrix *matrix, struct ap_queues *ret)
{
        *ret = (struct ap_queues){};
        for (unsigned int adapter = 0; adapter < AP_NUMBERS; adapter++)
                for (unsigned int domain = 0; matrix->adapters[adapter] && domain < AP_NUMBERS; domain++)
                        if (matrix->domains[domain])
                                ap_queues_add(ret, adapter, domain);
}

void ap_queues_of_definition(const struct definition *definition, struct ap_queues *ret)
{
        const cJSON *position = NULL;
        const char *name, *value;
        struct matrix matrix = {};

        while (definition_next_attribute(definition, &position, &name, &value))
                matrix_write(&matrix, name, value);
        combine(&matrix, ret);
}

void ap_queues_of_matrix(const char *text, struct ap_queues *ret)
{
        *ret = (struct ap_queues){};
        while (*text) {
                const size_t length = strcspn(text, "\n");
                char name[sizeof("05.0004")];

                if (length < sizeof(name)) {
                        memcpy(name, text, length);
                        name[length] = '\0';
                        (void) ap_queues_add_name(ret, name);
                }
                text += length + (text[length] == '\n');
        }
}

bool ap_queues_of_masks(const char *apmask, const char *aqmask, struct ap_queues *ret)
{
        struct matrix matrix;

        apmask = parse_mask(apmask, matrix.adapters);
        aqmask = parse_mask(aqmask, matrix.domains);
        if (!apmask || *apmask == ',' || !aqmask || *aqmask == ',')
                return false;
        combine(&matrix, ret);
        return true;
}

void ap_queues_add(struct ap_queues *queues, unsigned int adapter, unsigned int domain)
{
        const unsigned int i = adapter * AP_NUMBERS + domain;

        queues->bits[i / 64] |= UINT64_C(1) << i % 64;
}

bool ap_queues_have(const struct ap_queues *queues, unsigned int adapter, unsigned int domain)
{
        const unsigned int i = adapter * AP_NUMBERS + domain;

        return queues->bits[i / 64] >> i % 64 & 1;
}

bool ap_queues_add_name(struct ap_queues *queues, const char *name)
{
        unsigned int adapter, domain;

        if (strlen(name) != strlen("05.0004") || strspn(name, "0123456789abcdef") != 2 || name[2] != '.' ||
                strspn(name + 3, "0123456789abcdef") != 4 || sscanf(name, "%x.%x", &adapter, &domain) != 2 ||
                domain >= AP_NUMBERS)
                return false;
        ap_queues_add(queues, adapter, domain);
        return true;
}

bool ap_queues_intersect(const struct ap_queues *a, const struct ap_queues *b, struct ap_queues *ret)
{
        uint64_t any = 0;

        for (size_t i = 0; i < WORDS; i++)
                any |= ret->bits[i] = a->bits[i] & b->bits[i];
        return any;
}

bool ap_queues_subtract(const struct ap_queues *a, const struct ap_queues *b, struct ap_queues *ret)
{
        uint64_t any = 0;

        for (size_t i = 0; i < WORDS; i++)
                any |= ret->bits[i] = a->bits[i] & ~b->bits[i];
        return any;
}

void ap_queues_unite(struct ap_queues *queues, const struct ap_queues *more)
{
        for (size_t i = 0; i < WORDS; i++)
                queues->bits[i] |= more->bits[i];
}

void ap_queues_list(const struct ap_queues *queues, char *ret, size_t size)
{
        char name[sizeof("05.0004")];

        ret[0] = '\0';
        for (unsigned int adapter = 0; adapter < AP_NUMBERS; adapter++)
                for (unsigned int domain = 0; domain < AP_NUMBERS; domain++)
                        if (ap_queues_have(queues, adapter, domain)) {
                                snprintf(name, sizeof(name), "%02x.%04x", adapter & 0xff, domain & 0xff);
                                text_list(ret, size, name);
                        }
}
