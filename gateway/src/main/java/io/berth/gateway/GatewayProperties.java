package io.berth.gateway;

import io.berth.gateway.route.Backend;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import org.hibernate.validator.constraints.time.DurationMin;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * The gateway's settings, below {@code berth.gateway}.
 *
 * @param runDir the platform's run directory, where the services' sockets are
 * @param socket the Unix socket for clients, mode 0660; {@code <run-dir>/docker.sock} when not set
 * @param socketGroup group that may use it besides this user; the process's own when not set
 * @param bindAddress IP address of the TCP listener; it is unencrypted and asks for no credentials, so keep it local
 * @param port of the TCP listener, 0 for any free one
 * @param allowedHosts host names that TCP clients may use besides IP addresses and {@code localhost}
 * @param eventLoops threads of the data plane; 0 means one per processor, at most 4
 * @param backends sockets of the services where they are not in the run directory
 * @param timeouts see there
 * @param limits see there
 * @param breaker see there
 */
@Validated
@ConfigurationProperties("berth.gateway")
record GatewayProperties(
        @NotNull Path runDir,
        @Nullable Path socket,
        @Nullable String socketGroup,
        @DefaultValue("127.0.0.1") @NotBlank String bindAddress,
        @DefaultValue("2375") @Min(0) @Max(65535) int port,
        @DefaultValue Set<String> allowedHosts,
        @DefaultValue("0") @Min(0) @Max(64) int eventLoops,
        @DefaultValue @Valid Backends backends,
        @DefaultValue @Valid Timeouts timeouts,
        @DefaultValue @Valid Limits limits,
        @DefaultValue @Valid Breaker breaker) {
    GatewayProperties {
        allowedHosts = Set.copyOf(allowedHosts);
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
     * Limits of patience.
     *
     * @param connect to connect to a backend
     * @param responseHead between a complete request and its response head; routes that may take any time have none
     * @param clientIdle for a client's connection without a complete request head
     */
    record Timeouts(
            @DefaultValue("2s") @NotNull @DurationMin(millis = 1)
            Duration connect,

            @DefaultValue("60s") @NotNull @DurationMin(millis = 1)
            Duration responseHead,

            @DefaultValue("5m") @NotNull @DurationMin(millis = 1)
            Duration clientIdle) {}

    /**
     * Limits of size.
     *
     * @param waiting requests that may wait for one backend's response heads at once
     * @param idleConnections kept per backend and event loop
     */
    record Limits(
            @DefaultValue("512") @Min(1) int waiting,
            @DefaultValue("32") @Min(0) int idleConnections) {}

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
}
