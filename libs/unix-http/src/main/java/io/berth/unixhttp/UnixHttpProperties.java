package io.berth.unixhttp;

import java.nio.file.Path;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * Where a service listens.
 *
 * @param socket path of the Unix socket that this service listens on instead of a TCP port
 * @param platformKeyFile file holding the secret that every caller must send, at least 32 characters
 */
@ConfigurationProperties("berth.http")
record UnixHttpProperties(Path socket, Path platformKeyFile) {}
