package io.berth.registryclient;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Connections to hosts, each with the certificates that are meant for it and no other: those of {@code
 * <directory>/<host[:port]>/}, looked up by the host of every single request, so that a redirect never shows a client
 * certificate to somebody else. Directories are read once. Thread-safe; close to end all connections.
 */
final class HostConnections implements AutoCloseable {
    private final Duration connectTimeout;
    private final @Nullable Path certificates;
    private final InsecureRegistries insecure;
    private final Destinations destinations;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpClient standard;
    private final ConcurrentHashMap<String, HttpClient> special = new ConcurrentHashMap<>();

    /** @param certificates directory with one directory per host, or null for none */
    HostConnections(
            Duration connectTimeout,
            @Nullable Path certificates,
            InsecureRegistries insecure,
            Destinations destinations) {
        this.connectTimeout = connectTimeout;
        this.certificates = certificates;
        this.insecure = insecure;
        this.destinations = destinations;
        this.standard = client(null);
    }

    private HttpClient client(@Nullable SSLContext context) {
        HttpClient.Builder builder = HttpClient.newBuilder()
                .followRedirects(HttpClient.Redirect.NEVER)
                // Over HTTP/2 all blobs of an image would share one connection and its flow-control window.
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(connectTimeout)
                .executor(threads);
        return context == null ? builder.build() : builder.sslContext(context).build();
    }

    /**
     * The client for a request's host.
     *
     * @throws RegistryException when the host's certificates cannot be read, or it is no allowed destination: then nothing may be
     *     sent there
     */
    HttpClient to(URI uri) throws RegistryException {
        destinations.require(uri);
        if (!"https".equalsIgnoreCase(uri.getScheme())) {
            return standard;
        }
        String authority = uri.getAuthority().toLowerCase(Locale.ROOT);
        HttpClient known = special.get(authority);
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

    private HttpClient remember(String authority, SSLContext context) {
        return special.computeIfAbsent(authority, _ -> client(context));
    }

    @Override
    public void close() {
        special.values().forEach(HttpClient::shutdownNow);
        standard.shutdownNow();
        special.values().forEach(HttpClient::close);
        standard.close();
        threads.close();
    }
}
