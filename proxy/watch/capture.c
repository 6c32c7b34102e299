/* SPDX-License-Identifier: Apache-2.0 */
/* Blocks, links, IP and TCP, from the outside in; see capture.h. */
#include "proxy/watch/capture.h"

#include "proxy/kafka/wire.h"
#include "proxy/watch/pcapng.h"

enum {
    BLOCK_HEAD = 8,        /* type, length */
    BLOCK_LEAST = 12,      /* and the length again */
    PACKET_FIXED = 20,     /* of the body of a packet's block, in front of its bytes */
    INTERFACE_FIXED = 8,   /* of that of an interface, in front of its options */
    OPTION_RESOLUTION = 9, /* if_tsresol */
    MICROSECONDS = 6,      /* … where it is not given */
    NANOSECONDS = 9,
    CLASSIC_REST = 20, /* of the head of a pcap file, behind its magic number */
    CLASSIC_PACKET = 16,
    LINK_MASK = 0xffff,
    TCP = 6,
};

/* ---- numbers in the byte order of the file ---- */

static uint32_t swap_32(uint32_t number)
{
    return number >> 24 | (number >> 8 & 0xff00) | (number << 8 & 0xff0000) | number << 24;
}

static uint32_t number_32(const struct capture *capture, const uint8_t *at)
{
    uint32_t number;
    memcpy(&number, at, sizeof number);
    return capture->swapped ? swap_32(number) : number;
}

static uint16_t number_16(const struct capture *capture, const uint8_t *at)
{
    uint16_t number;
    memcpy(&number, at, sizeof number);
    if (capture->swapped)
        number = (uint16_t)(number >> 8 | number << 8);
    return number;
}

static bool read_all(struct capture *capture, uint8_t *at, size_t len)
{
    return fread(at, 1, len, capture->file) == len;
}

static enum capture_step refuse(struct sentence *why, const char *text)
{
    sentence_add(why, text);
    return CAPTURE_BAD;
}

/* ---- TCP, IP and links; each false where it is something else ---- */

static bool see_tcp(struct captured *captured, struct span tcp)
{
    enum { TCP_LEAST = 20, DATA_AT = 12, FLAGS_AT = 13 };
    if (tcp.len < TCP_LEAST)
        return false;
    size_t head = (size_t)(tcp.at[DATA_AT] >> 4) * 4;
    if (head < TCP_LEAST || head > tcp.len)
        return false;
    captured->from_port = (uint16_t)wire_int16(tcp.at);
    captured->to_port = (uint16_t)wire_int16(tcp.at + 2);
    captured->number = wire_uint32(tcp.at + 4);
    captured->flags = tcp.at[FLAGS_AT];
    captured->payload = (struct span){tcp.at + head, tcp.len - head};
    return true;
}

static struct ip ip_at(const uint8_t *at, uint8_t len)
{
    struct ip ip = {.len = len};
    memcpy(ip.at, at, len);
    return ip;
}

/* What lies behind the packet on its link (Ethernet's padding) is not of it. */
static bool see_ipv4(struct captured *captured, struct span packet)
{
    enum { LEAST = 20, FRAGMENT = 0x3fff };
    if (packet.len < LEAST)
        return false;
    size_t head = (size_t)(packet.at[0] & 15) * 4, total = (uint16_t)wire_int16(packet.at + 2);
    bool fragment = wire_int16(packet.at + 6) & FRAGMENT;
    if (total == 0)
        total = packet.len; /* segments that the network card was to cut */
    if (head < LEAST || total < head || total > packet.len || fragment || packet.at[9] != TCP)
        return false;
    captured->from = ip_at(packet.at + 12, 4);
    captured->to = ip_at(packet.at + 16, 4);
    return see_tcp(captured, (struct span){packet.at + head, total - head});
}

static bool see_ipv6(struct captured *captured, struct span packet)
{
    enum { HEAD = 40 };
    if (packet.len < HEAD || packet.at[6] != TCP)
        return false;
    size_t len = (uint16_t)wire_int16(packet.at + 4);
    if (len == 0)
        len = packet.len - HEAD;
    if (len > packet.len - HEAD)
        return false;
    captured->from = ip_at(packet.at + 8, 16);
    captured->to = ip_at(packet.at + 24, 16);
    return see_tcp(captured, (struct span){packet.at + HEAD, len});
}

static bool see_ip(struct captured *captured, struct span packet)
{
    if (packet.len == 0)
        return false;
    return packet.at[0] >> 4 == 4 ? see_ipv4(captured, packet)
                                  : packet.at[0] >> 4 == 6 && see_ipv6(captured, packet);
}

/* How many bytes stand in front of the IP packet, by link type. */
static size_t link_size(uint16_t link, struct span frame)
{
    enum { ETHERNET_TYPE_AT = 12, VLAN = 0x8100 - 0x10000 };
    switch (link) {
    case 0:   /* LINKTYPE_NULL: loopback of BSD and macOS */
    case 108: /* LINKTYPE_LOOP */
        return 4;
    case 1: /* LINKTYPE_ETHERNET: also Linux' loopback */
        return frame.len > ETHERNET_TYPE_AT + 2 && wire_int16(frame.at + ETHERNET_TYPE_AT) == VLAN ? 18 : 14;
    case 113: /* LINKTYPE_LINUX_SLL: tcpdump -i any */
        return 16;
    case 276: /* LINKTYPE_LINUX_SLL2 */
        return 20;
    default: /* LINKTYPE_RAW and its like; of a link that is not known here the first byte is mostly no IP's */
        return 0;
    }
}

static enum capture_step see_frame(struct captured *captured, uint16_t link, struct span frame)
{
    size_t before = link_size(link, frame);
    bool tcp = frame.len > before && see_ip(captured, (struct span){frame.at + before, frame.len - before});
    return tcp ? CAPTURE_SEGMENT : CAPTURE_OTHER;
}

/* ---- options of pcapng ---- */

/* The value of the first option of this code; empty where there is none. */
static struct bytes option_of(const struct capture *capture, struct bytes options, uint16_t code)
{
    enum { HEAD = 4, ALIGN = 3 };
    while (options.len >= HEAD) {
        uint16_t found = number_16(capture, options.at), len = number_16(capture, options.at + 2);
        size_t padded = ((size_t)len + ALIGN) & ~(size_t)ALIGN;
        if (len > options.len - HEAD || found == PCAPNG_OPTION_END)
            break;
        if (found == code)
            return (struct bytes){options.at + HEAD, len};
        if (padded > options.len - HEAD)
            break;
        options.at += HEAD + padded;
        options.len -= HEAD + padded;
    }
    return (struct bytes){NULL, 0};
}

/* Microseconds, of any unit. */
static uint64_t microseconds(uint64_t time, uint8_t per_unit)
{
    enum { BINARY = 0x80, MOST_BITS = 63 };
    unsigned power = per_unit & ~(unsigned)BINARY;
    if (per_unit & BINARY) {
        uint64_t unit = power > MOST_BITS ? UINT64_MAX : (uint64_t)1 << power;
        return time / unit * 1000000 + (uint64_t)((double)(time % unit) / (double)unit * 1e6);
    }
    for (; power > MICROSECONDS && time; power--)
        time /= 10;
    for (; power < MICROSECONDS; power++)
        time *= 10;
    return time;
}

/* ---- blocks of pcapng ---- */

static void add_interface(struct capture *capture, struct bytes body)
{
    if (body.len < INTERFACE_FIXED || capture->interface_count == CAPTURE_INTERFACES)
        return;
    struct bytes options = {body.at + INTERFACE_FIXED, body.len - INTERFACE_FIXED};
    struct bytes resolution = option_of(capture, options, OPTION_RESOLUTION);
    capture->interfaces[capture->interface_count++] = (struct capture_interface){
        .link = number_16(capture, body.at), .per_unit = resolution.len ? resolution.at[0] : MICROSECONDS};
}

static enum capture_step see_packet(struct capture *capture, struct span body, struct captured *captured)
{
    if (body.len < PACKET_FIXED)
        return CAPTURE_OTHER;
    uint32_t index = number_32(capture, body.at), len = number_32(capture, body.at + 12);
    size_t padded = ((size_t)len + 3) & ~(size_t)3;
    if (index >= capture->interface_count || len > body.len - PACKET_FIXED)
        return CAPTURE_OTHER;
    const struct capture_interface *interface = &capture->interfaces[index];
    uint64_t time = (uint64_t)number_32(capture, body.at + 4) << 32 | number_32(capture, body.at + 8);
    captured->wall_us = microseconds(time, interface->per_unit);
    if (padded <= body.len - PACKET_FIXED) {
        struct bytes options = {body.at + PACKET_FIXED + padded, body.len - PACKET_FIXED - padded};
        captured->comment = option_of(capture, options, PCAPNG_OPTION_COMMENT);
    }
    return see_frame(captured, interface->link, (struct span){body.at + PACKET_FIXED, len});
}

/* The byte order stands in the section's own body, so its length can only be read then. */
static bool begin_section(struct capture *capture)
{
    uint32_t order;
    if (!read_all(capture, capture->block + BLOCK_HEAD, sizeof order))
        return false;
    memcpy(&order, capture->block + BLOCK_HEAD, sizeof order);
    capture->swapped = order == swap_32(PCAPNG_BYTE_ORDER);
    capture->interface_count = 0;
    return capture->swapped || order == PCAPNG_BYTE_ORDER;
}

/* The rest of a block whose head lies in `block`; `got` bytes of it are there. */
static bool read_rest(struct capture *capture, uint32_t len, size_t got)
{
    return len % 4 == 0 && len >= BLOCK_LEAST && len >= got && len <= CAPTURE_BLOCK_MOST &&
           read_all(capture, capture->block + got, len - got);
}

static enum capture_step next_block(struct capture *capture, struct captured *captured, struct sentence *why)
{
    size_t got = fread(capture->block, 1, BLOCK_HEAD, capture->file);
    if (got == 0)
        return CAPTURE_END;
    if (got < BLOCK_HEAD)
        return refuse(why, "it is cut short");
    uint32_t type = number_32(capture, capture->block);
    bool section = type == PCAPNG_SECTION;
    if (section && !begin_section(capture))
        return refuse(why, "a section of it does not say its byte order");
    uint32_t len = number_32(capture, capture->block + 4);
    if (!read_rest(capture, len, section ? BLOCK_LEAST : BLOCK_HEAD))
        return refuse(why,
                      feof(capture->file) ? "it is cut short" : "a block of it has an impossible length");
    struct span body = {capture->block + BLOCK_HEAD, len - BLOCK_LEAST};
    if (type == PCAPNG_INTERFACE)
        add_interface(capture, (struct bytes){body.at, body.len});
    return type == PCAPNG_PACKET ? see_packet(capture, body, captured) : CAPTURE_OTHER;
}

/* ---- packets of pcap ---- */

static enum capture_step next_classic(struct capture *capture, struct captured *captured,
                                      struct sentence *why)
{
    uint8_t head[CLASSIC_PACKET];
    size_t got = fread(head, 1, sizeof head, capture->file);
    if (got == 0)
        return CAPTURE_END;
    uint32_t len = got == sizeof head ? number_32(capture, head + 8) : UINT32_MAX;
    if (got < sizeof head || len > CAPTURE_BLOCK_MOST)
        return refuse(why, got < sizeof head ? "it is cut short" : "a packet of it has an impossible length");
    if (!read_all(capture, capture->block, len))
        return refuse(why, "it is cut short");
    const struct capture_interface *interface = &capture->interfaces[0];
    uint64_t below = number_32(capture, head + 4);
    captured->wall_us =
        (uint64_t)number_32(capture, head) * 1000000 + microseconds(below, interface->per_unit);
    return see_frame(captured, interface->link, (struct span){capture->block, len});
}

static bool begin_classic(struct capture *capture, uint32_t magic)
{
    uint8_t rest[CLASSIC_REST];
    const uint32_t us = 0xa1b2c3d4, ns = 0xa1b23c4d;
    capture->swapped = magic == swap_32(us) || magic == swap_32(ns);
    uint32_t number = capture->swapped ? swap_32(magic) : magic;
    capture->classic = number == us || number == ns;
    if (!capture->classic || !read_all(capture, rest, sizeof rest))
        return false;
    capture->interfaces[0] = (struct capture_interface){
        .link = (uint16_t)(number_32(capture, rest + CLASSIC_REST - 4) & LINK_MASK),
        .per_unit = number == us ? MICROSECONDS : NANOSECONDS};
    return true;
}

/* ---- from outside ---- */

bool capture_begin(struct capture *capture, FILE *file, struct sentence *why)
{
    uint32_t magic;
    capture->file = file;
    capture->classic = capture->swapped = false;
    capture->interface_count = 0;
    bool read = read_all(capture, capture->block, sizeof magic);
    memcpy(&magic, capture->block, sizeof magic);
    if (read && magic == PCAPNG_SECTION) {
        if (read_all(capture, capture->block + sizeof magic, BLOCK_HEAD - sizeof magic) &&
            begin_section(capture) && read_rest(capture, number_32(capture, capture->block + 4), BLOCK_LEAST))
            return true;
    } else if (read && begin_classic(capture, magic)) {
        return true;
    }
    sentence_add(why, "it is no capture of packets, neither pcapng nor pcap");
    return false;
}

enum capture_step capture_next(struct capture *capture, struct captured *captured, struct sentence *why)
{
    *captured = (struct captured){.wall_us = 0};
    return capture->classic ? next_classic(capture, captured, why) : next_block(capture, captured, why);
}
