package io.berth.engine.network.runtime;

import io.berth.linux.netlink.MacAddress;

/**
 * A connection as it has been made.
 *
 * @param hostInterface the host's end of a veth pair; empty where there is none
 * @param mac what the interface inside has
 */
public record Attachment(EndpointPlan endpoint, String hostInterface, MacAddress mac) {}
