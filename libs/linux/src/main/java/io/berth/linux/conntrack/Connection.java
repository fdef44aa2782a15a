package io.berth.linux.conntrack;

import java.nio.ByteBuffer;

/**
 * A connection that netfilter keeps track of.
 *
 * @param original of its first packet, before anything was translated
 * @param reply of the packets that are expected back: what the addresses were translated to, the other way round
 * @param key by which the kernel finds it again: its attributes CTA_TUPLE_ORIG, CTA_ZONE and CTA_ID, encoded
 */
public record Connection(Flow original, Flow reply, ByteBuffer key) {}
