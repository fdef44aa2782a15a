package io.berth.registry.access;

/**
 * Where a request came from.
 *
 * @param address the client's IP address as the gateway saw it, {@code unix} for a client of its socket, {@code platform}
 *     for a service of the platform
 * @param host the host by which the client reached the platform
 * @param method of the request
 * @param userAgent of the client; empty when it sent none
 */
public record Origin(String address, String host, String method, String userAgent) {
    /** Of work that no request caused. */
    public static final Origin NONE = new Origin("registry", "", "", "");
}
