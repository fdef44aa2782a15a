package io.berth.engine.network.runtime;

import java.net.InetAddress;

/**
 * A published port.
 *
 * @param hostAddress of the host, of the same family as the container's; the family's wildcard for any
 * @param hostPort 1 to 65535; the container's own port where the gateway mode is ROUTED
 */
public record PortRule(
        Protocol protocol, InetAddress hostAddress, int hostPort, InetAddress containerAddress, int containerPort) {

    /** Transport protocols whose ports are published, with their numbers (RFC 1700). */
    public enum Protocol {
        TCP(6),
        UDP(17),
        SCTP(132);

        private final int number;

        Protocol(int number) {
            this.number = number;
        }

        /** IPPROTO_… of linux/in.h. */
        public int number() {
            return number;
        }
    }
}
