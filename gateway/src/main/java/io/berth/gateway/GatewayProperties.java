package io.berth.gateway;

import io.berth.gateway.listener.TlsSettings;
import io.berth.gateway.resilience.Share;
import io.berth.gateway.route.Backend;
import io.berth.gateway.route.RoutingTable;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.hibernate.validator.constraints.time.DurationMin;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * The gateway's settings, below {@code berth.gateway}.
 *
 * @param runDir the platform's run directory, where the services' sockets are
 * @param socket the Unix socket for clients, mode 0660; {@code <run-dir>/docker.sock} when not set
 * @param socketGroup group that may use it besides this user; the process's own when not set
 * @param bindAddress IP address of the TCP listener; it is unencrypted and asks for no credentials, so keep it local
 * @param port of the TCP listener, 0 for any free one
 * @param tls the encrypted listener; there is one when it has a certificate
 * @param allowedHosts host names that TCP clients may use besides IP addresses and {@code localhost}
 * @param eventLoops threads of the data plane; 0 means one per processor, at most 4
 * @param backends sockets of the services where they are not in the run directory
 * @param timeouts see there
 * @param limits see there
 * @param shares what one caller may hold open
 * @param breaker see there
 * @param rateLimits how many requests each client may make, by role; a role without an entry is not limited. The roles are
 *     {@code operator} (the Unix socket), {@code anonymous} (TCP without credentials) and those of users
 */
@Validated
@ConfigurationProperties("berth.gateway")
record GatewayProperties(
        @NotNull Path runDir,
        @Nullable Path socket,
        @Nullable String socketGroup,
        @DefaultValue("127.0.0.1") @NotBlank String bindAddress,
        @DefaultValue("2375") @Min(0) @Max(65535) int port,
        @DefaultValue @Valid Tls tls,
        @DefaultValue Set<String> allowedHosts,
        @DefaultValue("0") @Min(0) @Max(64) int eventLoops,
        @DefaultValue @Valid Backends backends,
        @DefaultValue @Valid Timeouts timeouts,
        @DefaultValue @Valid Limits limits,
        @DefaultValue @Valid Shares shares,
        @DefaultValue @Valid Breaker breaker,
        @DefaultValue Map<String, @Valid Rate> rateLimits) {
    /** For what is asked to find out whether an engine lives. */
    private static final Duration QUICK = Duration.ofSeconds(10);

    GatewayProperties {
        allowedHosts = Set.copyOf(allowedHosts);
        rateLimits = Map.copyOf(rateLimits);
    }

    /** The socket for clients. */
    Path clientSocket() {
        return socket == null ? runDir.resolve("docker.sock") : socket;
    }

    /**
     * The socket of each backend.
     *
     * @param internal the gateway's own internal listener
     */
    Map<Backend, Path> backendSockets(Path internal) {
        Map<Backend, Path> sockets = new EnumMap<>(Backend.class);
        sockets.put(Backend.ENGINE, or(backends.engine(), "engine.sock"));
        sockets.put(Backend.IMAGE, or(backends.image(), "image.sock"));
        sockets.put(Backend.REGISTRY, or(backends.registry(), "registry.sock"));
        sockets.put(Backend.PLATFORM, internal);
        return sockets;
    }

    /** The number of event loops, never 0. */
    int eventLoopCount() {
        return eventLoops > 0 ? eventLoops : Math.min(4, Runtime.getRuntime().availableProcessors());
    }

    private Path or(@Nullable Path configured, String name) {
        return configured == null ? runDir.resolve(name) : configured;
    }

    /**
     * Sockets of the services; each is {@code <run-dir>/<name>.sock} when not set.
     *
     * @param engine of engine-service
     * @param image of image-service
     * @param registry of registry-service
     */
    record Backends(
            @Nullable Path engine,
            @Nullable Path image,
            @Nullable Path registry) {}

    /**
     * The encrypted listener.
     *
     * @param bindAddress its IP address
     * @param port its port, 0 for any free one
     * @param certificate PEM file of the certificate and those that lead to its authority; without it there is no listener
     * @param key PEM file of its key (PKCS #8)
     * @param clientCa PEM file of the authorities whose certificates clients must show; without it they need none
     * @param reload how often the files are looked at for a change
     */
    record Tls(
            @DefaultValue("127.0.0.1") @NotBlank String bindAddress,
            @DefaultValue("2376") @Min(0) @Max(65535) int port,
            @Nullable Path certificate,
            @Nullable Path key,
            @Nullable Path clientCa,

            @DefaultValue("10s") @NotNull @DurationMin(millis = 1)
            Duration reload) {
        Tls {
            if ((certificate == null) != (key == null)) {
                throw new IllegalArgumentException("a certificate and its key belong together");
            }
        }

        /** What the listener needs, or null when there is none. */
        @Nullable
        TlsSettings settings() {
            return certificate == null || key == null
                    ? null
                    : new TlsSettings(bindAddress, port, certificate, key, clientCa, reload);
        }
    }

    /**
     * Limits of patience.
     *
     * @param connect to connect to a backend
     * @param responseHead between a complete request and its response head; routes that may take any time have none
     * @param routes the same as {@code responseHead} for single routes, by their name in the metrics; {@code ping} has
     *     10 s unless set
     * @param clientIdle for a client's connection without a request
     * @param requestHead from the first byte of a request head to its end
     * @param requestBody without a byte of a request's body; images, archives and build contexts, which other programs may be
     *     making meanwhile, have none
     * @param restart how long requests wait for a service that has just stopped to accept connections, as one that is
     *     restarted; 0 for not at all
     */
    record Timeouts(
            @DefaultValue("2s") @NotNull @DurationMin(millis = 1)
            Duration connect,

            @DefaultValue("60s") @NotNull @DurationMin(millis = 1)
            Duration responseHead,

            @DefaultValue Map<String, Duration> routes,

            @DefaultValue("5m") @NotNull @DurationMin(millis = 1)
            Duration clientIdle,

            @DefaultValue("15s") @NotNull @DurationMin(millis = 1)
            Duration requestHead,

            @DefaultValue("2m") @NotNull @DurationMin(millis = 1)
            Duration requestBody,

            @DefaultValue("10s") @NotNull @DurationMin(millis = 0)
            Duration restart) {
        Timeouts {
            Map<String, Duration> all = new HashMap<>(Map.of("ping", QUICK));
            all.putAll(routes);
            routes = Map.copyOf(all);
            for (String route : routes.keySet()) {
                if (!RoutingTable.names().contains(route)) {
                    throw new IllegalArgumentException("no such route: " + route);
                }
            }
        }
    }

    /**
     * Limits of size.
     *
     * @param waiting requests that may wait for one backend's response heads at once
     * @param idleConnections kept per backend and event loop
     * @param requestHead of a request's line and headers together
     * @param requestBody of a request whose route is not long-running; what is streamed has the limits of its service
     * @param connections over the network at once
     */
    record Limits(
            @DefaultValue("512") @Min(1) int waiting,
            @DefaultValue("32") @Min(0) int idleConnections,
            @DefaultValue("28KB") @NotNull DataSize requestHead,
            @DefaultValue("16MB") @NotNull DataSize requestBody,
            @DefaultValue("8192") @Min(1) int connections) {
        Limits {
            // Tomcat takes 32 KB, and the gateway adds a few headers.
            if (requestHead.toBytes() < 1024 || requestHead.toBytes() > 28 * 1024) {
                throw new IllegalArgumentException("request-head must be between 1KB and 28KB");
            }
        }
    }

    /**
     * What one caller may hold open of what there is for all: of {@code limits.waiting} and {@code limits.connections}, and of these.
     *
     * @param percent of all, for each user, token without a user, or address that has shown no credential
     * @param reservePercent of all, that is kept for operators
     * @param streams calls that may take any time, such as waits, logs, events, builds and attached terminals
     * @param uploads bodies that are being received
     */
    record Shares(
            @DefaultValue("25") @Min(1) @Max(100) int percent,
            @DefaultValue("10") @Min(0) @Max(90) int reservePercent,
            @DefaultValue("4096") @Min(1) int streams,
            @DefaultValue("1024") @Min(1) int uploads) {
        /** Of each kind. */
        Share share() {
            return new Share(percent, reservePercent);
        }
    }

    /**
     * When a backend is given a rest.
     *
     * @param window number of last calls that the failure rate is taken over
     * @param minimumCalls before the breaker may open
     * @param failureRatePercent at which it opens
     * @param openFor how long it refuses before it lets probes through
     * @param probes calls that decide whether it closes again
     */
    record Breaker(
            @DefaultValue("20") @Min(1) int window,
            @DefaultValue("5") @Min(1) int minimumCalls,
            @DefaultValue("50") @Min(1) @Max(100) int failureRatePercent,

            @DefaultValue("2s") @NotNull @DurationMin(millis = 1)
            Duration openFor,

            @DefaultValue("3") @Min(1) int probes) {}

    /**
     * A limit of requests per time, for each client by itself.
     *
     * @param requests that may be made
     * @param per in this time
     */
    record Rate(
            @DefaultValue("0") @Min(1) int requests,

            @DefaultValue("1s") @NotNull @DurationMin(millis = 1)
            Duration per) {}
}
