/* SPDX-License-Identifier: Apache-2.0 */
/* Blocks, field by field; see pcapng.h. */
#include "proxy/watch/pcapng.h"

enum {
    ALIGN = 4,
    VERSION_MAJOR = 1,
    OPTION_PROGRAM = 4,  /* shb_userappl */
    OPTION_NAME = 2,     /* if_name */
    OPTION_RECEIVED = 4, /* isb_ifrecv */
    OPTION_LOST = 5,     /* isb_ifdrop */
    LENGTH_AT = 4,       /* in a block */
    BITS_OF_HALF = 32,
};

/* Where the next field goes; the first is the block's type. */
struct block {
    uint8_t *at;
    size_t len;
};

static void put(struct block *block, const void *from, size_t len)
{
    memcpy(block->at + block->len, from, len);
    block->len += len;
}

static void put_16(struct block *block, uint16_t number)
{
    put(block, &number, sizeof number);
}

static void put_32(struct block *block, uint32_t number)
{
    put(block, &number, sizeof number);
}

static void put_64(struct block *block, uint64_t number)
{
    put(block, &number, sizeof number);
}

static size_t padding(size_t len)
{
    return (ALIGN - len % ALIGN) % ALIGN;
}

static void put_padding(struct block *block, size_t len)
{
    static const uint8_t zeros[ALIGN];
    put(block, zeros, padding(len));
}

static void put_text(struct block *block, uint16_t code, const char *text)
{
    size_t len = strlen(text);
    if (len > PCAPNG_COMMENT_MOST)
        len = PCAPNG_COMMENT_MOST;
    put_16(block, code);
    put_16(block, (uint16_t)len);
    put(block, text, len);
    put_padding(block, len);
}

static void put_count(struct block *block, uint16_t code, uint64_t count)
{
    put_16(block, code);
    put_16(block, sizeof count);
    put_64(block, count);
}

static void put_end(struct block *block)
{
    put_16(block, PCAPNG_OPTION_END);
    put_16(block, 0);
}

static void begin(struct block *block, uint32_t type)
{
    put_32(block, type);
    put_32(block, 0);
}

static size_t end(struct block *block)
{
    uint32_t len = (uint32_t)(block->len + sizeof len);
    memcpy(block->at + LENGTH_AT, &len, sizeof len);
    put_32(block, len);
    return len;
}

/* The upper half comes first, whatever the byte order. */
static void put_time(struct block *block, uint64_t wall_us)
{
    put_32(block, (uint32_t)(wall_us >> BITS_OF_HALF));
    put_32(block, (uint32_t)wall_us);
}

size_t pcapng_begin(uint8_t at[PCAPNG_BEGIN_ROOM], const char *program, const char *comment)
{
    struct block section = {.at = at};
    begin(&section, PCAPNG_SECTION);
    put_32(&section, PCAPNG_BYTE_ORDER);
    put_16(&section, VERSION_MAJOR);
    put_16(&section, 0);
    put_64(&section, UINT64_MAX); /* the section's length: until the end */
    put_text(&section, PCAPNG_OPTION_COMMENT, comment);
    put_text(&section, OPTION_PROGRAM, program);
    put_end(&section);
    struct block interface = {.at = at + end(&section)};
    begin(&interface, PCAPNG_INTERFACE);
    put_16(&interface, PCAPNG_LINK_RAW_IP);
    put_16(&interface, 0);
    put_32(&interface, 0); /* no limit to the size of a packet */
    put_text(&interface, OPTION_NAME, "kbridge");
    put_end(&interface);
    return (size_t)(interface.at - at) + end(&interface);
}

size_t pcapng_statistics(uint8_t at[PCAPNG_STATISTICS_ROOM], uint64_t wall_us, uint64_t received,
                         uint64_t lost)
{
    struct block block = {.at = at};
    begin(&block, PCAPNG_STATISTICS);
    put_32(&block, 0); /* the interface */
    put_time(&block, wall_us);
    put_count(&block, OPTION_RECEIVED, received);
    put_count(&block, OPTION_LOST, lost);
    put_end(&block);
    return end(&block);
}

void pcapng_packet_head(uint8_t at[PCAPNG_HEAD], uint64_t wall_us, size_t len, size_t tail)
{
    struct block block = {.at = at};
    put_32(&block, PCAPNG_PACKET);
    put_32(&block, (uint32_t)(PCAPNG_HEAD + len + tail));
    put_32(&block, 0); /* the interface */
    put_time(&block, wall_us);
    put_32(&block, (uint32_t)len); /* as it is kept … */
    put_32(&block, (uint32_t)len); /* … and as it was */
}

size_t pcapng_packet_tail(uint8_t at[PCAPNG_TAIL_ROOM], size_t len, const char *comment)
{
    struct block block = {.at = at};
    put_padding(&block, len);
    if (*comment) {
        put_text(&block, PCAPNG_OPTION_COMMENT, comment);
        put_end(&block);
    }
    put_32(&block, (uint32_t)(PCAPNG_HEAD + len + block.len + sizeof(uint32_t)));
    return block.len;
}
