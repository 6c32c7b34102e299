/* SPDX-License-Identifier: Apache-2.0 */
/* Random numbers that a seed decides.
 * Apart, because a failed run is useless if it cannot be had again: nothing else in the model is left to chance. */
#ifndef KBRIDGE_TESTS_MODEL_RANDOM_H
#define KBRIDGE_TESTS_MODEL_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

struct model_random {
    uint64_t state;
};

/* splitmix64 */
static inline uint64_t model_random_next(struct model_random *random)
{
    uint64_t mixed = random->state += UINT64_C(0x9e3779b97f4a7c15);
    mixed = (mixed ^ mixed >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ mixed >> 27) * UINT64_C(0x94d049bb133111eb);
    return mixed ^ mixed >> 31;
}

/* 0 to end - 1 */
static inline uint32_t model_below(struct model_random *random, uint32_t end)
{
    return (uint32_t)((model_random_next(random) >> 32) * end >> 32);
}

static inline int32_t model_between(struct model_random *random, int32_t first, int32_t last)
{
    return first + (int32_t)model_below(random, (uint32_t)(last - first + 1));
}

static inline bool model_chance(struct model_random *random, uint32_t percent)
{
    return model_below(random, 100) < percent;
}

static inline void model_fill(struct model_random *random, uint8_t *at, uint32_t len)
{
    for (uint32_t i = 0; i < len; i++)
        at[i] = (uint8_t)model_random_next(random);
}

#endif
