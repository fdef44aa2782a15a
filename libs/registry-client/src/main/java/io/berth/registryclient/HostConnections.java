package io.berth.registryclient;

import io.berth.outgoing.OutgoingClient;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Connections to hosts, each with the certificates that are meant for it and no other: those of {@code
 * <directory>/<host[:port]>/}, looked up by the host of every single request, so that a redirect never shows a client
 * certificate to somebody else. Directories are read once. Thread-safe; close to end all connections.
 */
final class HostConnections implements AutoCloseable {
    private final Duration connectTimeout;
    private final Duration silence;
    private final @Nullable Path certificates;
    private final InsecureRegistries insecure;
    private final OutgoingClient standard;
    private final ConcurrentHashMap<String, OutgoingClient> special = new ConcurrentHashMap<>();

    /** @param certificates directory with one directory per host, or null for none */
    HostConnections(
            Duration connectTimeout, Duration silence, @Nullable Path certificates, InsecureRegistries insecure) {
        this.connectTimeout = connectTimeout;
        this.silence = silence;
        this.certificates = certificates;
        this.insecure = insecure;
        this.standard = client(null);
    }

    private OutgoingClient client(@Nullable SSLContext context) {
        return new OutgoingClient(connectTimeout, silence, context);
    }

    /**
     * The client for a request's host.
     *
     * @throws RegistryException when the host's certificates cannot be read: then nothing may be sent there
     */
    OutgoingClient to(URI uri) throws RegistryException {
        if (!"https".equalsIgnoreCase(uri.getScheme())) {
            return standard;
        }
        String authority = uri.getAuthority().toLowerCase(Locale.ROOT);
        OutgoingClient known = special.get(authority);
        if (known != null) {
            return known;
        }
        Path directory = certificates == null ? null : certificates.resolve(authority);
        if (directory != null && directory.startsWith(certificates) && Files.isDirectory(directory)) {
            try {
                return remember(authority, HostCertificates.context(directory));
            } catch (IOException e) {
                throw new RegistryException(0, "", String.valueOf(e.getMessage()), e);
            }
        }
        return insecure.covers(uri) ? remember(authority, HostCertificates.trustingAnybody()) : standard;
    }

    private OutgoingClient remember(String authority, SSLContext context) {
        return special.computeIfAbsent(authority, _ -> client(context));
    }

    @Override
    public void close() {
        special.values().forEach(OutgoingClient::close);
        standard.close();
    }
}
