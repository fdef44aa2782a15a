package io.berth.gateway.listener;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where clients connect.
 *
 * @param socket path of the Unix socket, mode 0660
 * @param socketGroup group that may use the socket, or null to leave the process's own
 * @param bindAddress IP address of the TCP listener
 * @param port its port, 0 for any free one
 * @param tls the encrypted listener, or null for none
 */
public record ListenerSettings(
        Path socket,
        @Nullable String socketGroup,
        String bindAddress,
        int port,
        @Nullable TlsSettings tls) {}
