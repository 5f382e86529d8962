/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What to do about the error of a driver, as the end of a message
 */

/* Advice for a refused creation, or any other write; r is a negative errno. */
const char *advice_on_refusal(int r);

/* Advice for a refused value of an attribute. */
const char *advice_on_value(int r);
