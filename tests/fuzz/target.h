/* SPDX-License-Identifier: Apache-2.0 */
/* What every fuzz target is: libFuzzer calls it, and so does replay.c. */
#ifndef KBRIDGE_TESTS_FUZZ_TARGET_H
#define KBRIDGE_TESTS_FUZZ_TARGET_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len);

#endif
