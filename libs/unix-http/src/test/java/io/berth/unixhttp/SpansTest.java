package io.berth.unixhttp;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Instant;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Timeout(60)
class SpansTest {
    private static final String PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    private final BlockingQueue<JsonNode> received = new LinkedBlockingQueue<>();
    private HttpServer collector;
    private Spans spans;

    @BeforeEach
    void start() throws IOException {
        collector = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        collector.createContext("/v1/traces", exchange -> {
            received.add(new JsonMapper().readTree(exchange.getRequestBody().readAllBytes()));
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        collector.start();
        spans = new Spans(
                "engine-service",
                URI.create("http://localhost:" + collector.getAddress().getPort() + "/v1/traces"),
                1);
    }

    @AfterEach
    void stop() {
        spans.close();
        collector.stop(0);
    }

    @Test
    void spansReachTheCollectorInOtlpsJson() throws InterruptedException {
        TraceContext place = spans.begin(TraceContext.parse(PARENT));
        assertThat(place.traceId()).isEqualTo("0af7651916cd43dd8448eb211c80319c");
        assertThat(place.spanId()).isNotEqualTo("b7ad6b7169203331").matches("[0-9a-f]{16}");
        spans.ended(new Spans.Span(
                place,
                "b7ad6b7169203331",
                "GET containers",
                "GET",
                "/containers/json",
                "req-1",
                503,
                Instant.ofEpochSecond(1_700_000_000L),
                5_000));
        JsonNode body = received.poll(20, TimeUnit.SECONDS);
        assertThat(body).isNotNull();
        JsonNode resource = body.path("resourceSpans").path(0);
        assertThat(resource.path("resource")
                        .path("attributes")
                        .path(0)
                        .path("value")
                        .path("stringValue")
                        .asString())
                .isEqualTo("engine-service");
        JsonNode span = resource.path("scopeSpans").path(0).path("spans").path(0);
        assertThat(span.path("traceId").asString()).isEqualTo(place.traceId());
        assertThat(span.path("spanId").asString()).isEqualTo(place.spanId());
        assertThat(span.path("parentSpanId").asString()).isEqualTo("b7ad6b7169203331");
        assertThat(span.path("startTimeUnixNano").asString()).isEqualTo("1700000000000000000");
        assertThat(span.path("endTimeUnixNano").asString()).isEqualTo("1700000000000005000");
        assertThat(span.path("status").path("code").asInt()).isEqualTo(2);
    }

    @Test
    void whatIsNotSampledIsNotSent() throws InterruptedException {
        TraceContext place = spans.begin(TraceContext.parse("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"));
        assertThat(place.sampled()).isFalse();
        spans.ended(new Spans.Span(place, null, "a", "GET", "/", "", 200, Instant.EPOCH, 1));
        assertThat(received.poll(1500, TimeUnit.MILLISECONDS)).isNull();
    }

    @Test
    void withoutACollectorNothingIsRecorded() {
        try (Spans none = Spans.none()) {
            assertThat(none.recording()).isFalse();
            assertThat(none.begin(null).sampled()).isFalse();
        }
    }

    @Test
    void malformedParentsAreNone() {
        for (String header : new String[] {
            null,
            "",
            "00-" + "0".repeat(32) + "-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-" + "0".repeat(16) + "-01",
            "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        }) {
            assertThat(TraceContext.parse(header)).as(header).isNull();
        }
        assertThat(TraceContext.parse(PARENT)).extracting(TraceContext::header).isEqualTo(PARENT);
    }
}
