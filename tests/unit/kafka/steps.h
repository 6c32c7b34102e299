/* SPDX-License-Identifier: Apache-2.0 */
/* One walk as a page of its steps.
 * Apart, because the golden pages and the messages made by the tables are compared with it alike. */
#ifndef KBRIDGE_TESTS_KAFKA_STEPS_H
#define KBRIDGE_TESTS_KAFKA_STEPS_H

#include "proxy/kafka/walk.h"

#include "tests/unit/kafka/pages.h"

/* Walks a message of `size` bytes, of which `input` has as many or fewer, and which comes in by `cut` (pages_next). The page
 * ends with DONE, BAD and why, or MORE. Returns the last step. */
enum walk_step steps_walk(struct page *page, const struct message *message, int version, uint32_t size,
                          struct bytes input, size_t cut);
/* The same, where only the fields of some roles are to be told. */
enum walk_step steps_walk_seeing(struct page *page, uint64_t roles, const struct message *message,
                                 int version, uint32_t size, struct bytes input, size_t cut);

#endif
