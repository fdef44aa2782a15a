package io.berth.unixhttp;

import io.berth.json.Bounds;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * Sends spans of served calls to a collector of OpenTelemetry, by OTLP over HTTP in JSON (OTLP 1.x, «JSON Protobuf Encoding»). One thread
 * sends what has gathered in a second; when the collector is slow or away, spans are dropped and calls go on. Thread-safe.
 */
public final class Spans implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Spans.class);
    private static final JsonMapper JSON = Bounds.OWN.mapper().build();
    private static final int BACKLOG = 4096;
    private static final int BATCH = 512;
    private static final Duration LIMIT = Duration.ofSeconds(5);
    private static final Duration LAST = Duration.ofSeconds(1);
    private static final long GATHER_MILLIS = 1_000;
    private static final int KIND_SERVER = 2;
    private static final int STATUS_ERROR = 2;

    private final String service;
    private final @Nullable URI endpoint;
    private final double sample;
    private final BlockingQueue<Span> waiting = new ArrayBlockingQueue<>(BACKLOG);
    private final @Nullable Thread sender;

    /**
     * A call that was served.
     *
     * @param context its own place in the trace
     * @param parentId span that it is a part of, or null
     * @param requestId by which the logs know it; empty when it has none
     */
    public record Span(
            TraceContext context,
            @Nullable String parentId,
            String name,
            String method,
            String path,
            String requestId,
            int status,
            Instant start,
            long durationNanos) {}

    /**
     * @param endpoint such as {@code http://collector:4318/v1/traces}, or null to record nothing
     * @param sample part of the traces begun here that are recorded, 0 to 1
     */
    public Spans(String service, @Nullable URI endpoint, double sample) {
        this.service = service;
        this.endpoint = endpoint;
        this.sample = sample;
        this.sender = endpoint == null
                ? null
                : Thread.ofPlatform().daemon().name("spans").start(() -> send(endpoint));
    }

    /** Records nothing. */
    public static Spans none() {
        return new Spans("", null, 0);
    }

    /** Whether anything is recorded at all. */
    public boolean recording() {
        return endpoint != null;
    }

    /**
     * The place of a call: within the trace that it comes from, or the beginning of one.
     *
     * @param parent what its header says; null when there is none
     */
    public TraceContext begin(@Nullable TraceContext parent) {
        return parent == null
                ? TraceContext.anew(recording() && ThreadLocalRandom.current().nextDouble() < sample)
                : parent.child();
    }

    /** Takes a span to be sent, unless its trace is not sampled or too many wait. */
    public void ended(Span span) {
        if (endpoint != null && span.context().sampled()) {
            var _ = waiting.offer(span);
        }
    }

    private void send(URI to) {
        List<Span> batch = new ArrayList<>();
        try (HttpClient client = HttpClient.newBuilder().connectTimeout(LIMIT).build()) {
            try {
                while (true) {
                    batch.add(waiting.take());
                    Thread.sleep(GATHER_MILLIS);
                    waiting.drainTo(batch, BATCH);
                    send(client, to, batch);
                    batch.clear();
                }
            } catch (InterruptedException closing) {
                waiting.drainTo(batch);
                if (!batch.isEmpty()) {
                    send(client, to, batch);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void send(HttpClient client, URI to, List<Span> batch) throws InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(to)
                .timeout(LIMIT)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body(batch))))
                .build();
        try {
            int status =
                    client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
            if (status / 100 != 2) {
                LOG.atDebug().addKeyValue("status", status).log("spans refused");
            }
        } catch (IOException e) {
            LOG.atDebug().setCause(e).log("spans lost");
        }
    }

    private Map<String, Object> body(List<Span> batch) {
        return Map.of(
                "resourceSpans",
                List.of(Map.of(
                        "resource",
                                Map.of(
                                        "attributes",
                                        List.of(
                                                attribute("service.name", service),
                                                attribute("service.namespace", "berth"))),
                        "scopeSpans",
                                List.of(Map.of(
                                        "scope",
                                        Map.of("name", "io.berth"),
                                        "spans",
                                        batch.stream().map(Spans::span).toList())))));
    }

    private static Map<String, Object> span(Span span) {
        long start = ChronoUnit.NANOS.between(Instant.EPOCH, span.start());
        return Map.of(
                "traceId",
                span.context().traceId(),
                "spanId",
                span.context().spanId(),
                "parentSpanId",
                span.parentId() == null ? "" : span.parentId(),
                "name",
                span.name(),
                "kind",
                KIND_SERVER,
                "startTimeUnixNano",
                Long.toString(start),
                "endTimeUnixNano",
                Long.toString(start + span.durationNanos()),
                "status",
                span.status() >= 500 ? Map.of("code", STATUS_ERROR) : Map.of(),
                "attributes",
                List.of(
                        attribute("http.request.method", span.method()),
                        attribute("url.path", span.path()),
                        attribute("berth.request.id", span.requestId()),
                        Map.of(
                                "key",
                                "http.response.status_code",
                                "value",
                                Map.of("intValue", Integer.toString(span.status())))));
    }

    private static Map<String, Object> attribute(String key, String value) {
        return Map.of("key", key, "value", Map.of("stringValue", value));
    }

    /** What waits is sent, if the collector takes it soon. */
    @Override
    public void close() {
        Thread ending = sender;
        if (ending != null) {
            ending.interrupt();
            try {
                var _ = ending.join(LAST);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
