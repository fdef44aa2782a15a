package io.berth.gateway.health;

import io.berth.gateway.transport.Transport;
import io.berth.gateway.transport.UnixCall;
import io.berth.unixhttp.PlatformKey;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import java.io.FileNotFoundException;
import java.net.ConnectException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Asks one service for {@code /actuator/health} on a connection of its own, past the circuit breaker: health must say how
 * a service is now, not how it was.
 */
final class BackendProbe {
    private static final int MAX_ANSWER = 64 * 1024;
    private static final int MAX_CAUSE = 300;

    private final UnixCall call;
    private final PlatformKey key;
    private final Duration limit;

    BackendProbe(Transport transport, PlatformKey key, Duration limit) {
        this.call = new UnixCall(transport, MAX_ANSWER, limit);
        this.key = key;
        this.limit = limit;
    }

    /** Never completes exceptionally. */
    CompletableFuture<ServiceState> probe(Path socket) {
        long start = System.nanoTime();
        return call.send(socket, request())
                .handle((answer, cause) -> cause == null
                        ? state(answer, millisSince(start))
                        : ServiceState.down(describe(cause), millisSince(start)));
    }

    private static ServiceState state(UnixCall.Answer answer, long millis) {
        if (answer.status() == 200) {
            return ServiceState.up(millis);
        }
        String text = answer.body().substring(0, Math.min(answer.body().length(), MAX_CAUSE));
        return ServiceState.down("answered " + answer.status() + ": " + text, millis);
    }

    private FullHttpRequest request() {
        FullHttpRequest request = new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/actuator/health");
        request.headers()
                .set(HttpHeaderNames.HOST, "localhost")
                .set(HttpHeaderNames.ACCEPT, "application/json")
                .set(PlatformKey.HEADER, key.headerValue());
        return request;
    }

    private String describe(Throwable cause) {
        return switch (cause) {
            case TimeoutException _ -> "no answer within " + limit.toMillis() + " ms";
            case ConnectException _ -> "nothing listens on its socket";
            case FileNotFoundException _ -> "its socket does not exist";
            default -> String.valueOf(cause.getMessage());
        };
    }

    private static long millisSince(long startNanos) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos);
    }
}
