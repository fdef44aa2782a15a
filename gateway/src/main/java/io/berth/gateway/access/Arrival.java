package io.berth.gateway.access;

import org.jspecify.annotations.Nullable;

/**
 * By which way a connection came.
 *
 * @param tcp whether it came over the network; otherwise through Docker's socket
 * @param encrypted whether by TLS
 * @param address the client's IP address; 127.0.0.1 for the socket
 * @param certificateName common name of the client's certificate, once the handshake has verified it; null without one
 */
public record Arrival(
        boolean tcp,
        boolean encrypted,
        String address,
        @Nullable String certificateName) {}
