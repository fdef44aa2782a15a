package io.berth.unixhttp;

import java.nio.file.Path;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Where a service listens.
 *
 * @param socket path of the Unix socket that this service listens on instead of a TCP port
 * @param port on 127.0.0.1 to listen on besides, for measurements and tools that know only TCP; 0 for none. Callers need the
 *     platform's secret there too
 * @param platformKeyFile file holding the secret that every caller must send, at least 32 characters
 */
@ConfigurationProperties("berth.http")
public record UnixHttpProperties(
        Path socket, @DefaultValue("0") int port, Path platformKeyFile) {
    private static final int MAX_PORT = 65_535;

    public UnixHttpProperties {
        if (port < 0 || port > MAX_PORT) {
            throw new IllegalArgumentException("berth.http.port: " + port + " (expected: 0 to 65535)");
        }
    }
}
