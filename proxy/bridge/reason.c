/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of the list in reason.h, one for each reason. */
#include "proxy/bridge/reason.h"

static const struct reason_row rows[] = {
#define REASON(name, side, counter, text) {side, counter, text},
    REASONS(REASON)
#undef REASON
};

const struct reason_row *reason_row(enum reason reason)
{
    return &rows[reason];
}
