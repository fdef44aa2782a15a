package io.berth.linux.conntrack;

import java.net.InetAddress;

/**
 * One direction of a connection that netfilter keeps track of.
 *
 * @param protocol IPPROTO_* of linux/in.h
 * @param sourcePort 0 for protocols without ports
 */
public record Flow(int protocol, InetAddress source, int sourcePort, InetAddress destination, int destinationPort) {}
