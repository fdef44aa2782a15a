package io.berth.gateway.listener;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The encrypted listener.
 *
 * @param bindAddress its IP address
 * @param port its port, 0 for any free one
 * @param certificate PEM file with the server's certificate and those that lead to its authority
 * @param key PEM file with its private key (PKCS #8)
 * @param clientCa PEM file with the authorities whose certificates clients must show, or null when they need none
 * @param reload how often the files are looked at for a change
 */
public record TlsSettings(
        String bindAddress,
        int port,
        Path certificate,
        Path key,
        @Nullable Path clientCa,
        Duration reload) {}
