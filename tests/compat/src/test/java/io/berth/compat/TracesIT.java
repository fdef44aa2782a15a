package io.berth.compat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What one call causes is one trace through all services, sent where OpenTelemetry's own setting says. */
@CompatTest
@BerthOnly
@OwnPlatform
class TracesIT {
    private static final JsonMapper JSON = new JsonMapper();

    private static final GatewayPlatform PLATFORM = GatewayPlatform.running();
    private static final Path SPANS = PLATFORM.berth().scratch().resolve("spans");
    private static Running collector;

    private final Target target;

    TracesIT(Target target) {
        this.target = target;
    }

    /**
     * A span that arrived.
     *
     * @param parent empty for none
     */
    private record Span(
            String service, String trace, String id, String parent, String name, Map<String, String> facts) {
        boolean is(String wantedService, String path) {
            // The client puts the version of the API before it.
            String asked = facts.getOrDefault("url.path", "");
            return service.equals(wantedService) && asked.endsWith(path);
        }
    }

    @BeforeAll
    static void startCollector() {
        collector = TraceCollector.start(PLATFORM.berth(), SPANS);
        Eventually.holds(Duration.ofSeconds(30), () -> Files.exists(SPANS), () -> "no collector");
    }

    @AfterAll
    static void stopCollector() {
        collector.close();
    }

    @Test
    void runningAContainerIsATraceThroughGatewayEngineAndImageService() {
        DockerCli docker = PLATFORM.berth().docker();
        Target.importImage(docker, target.rootFileSystem());
        docker.ok("run", "--rm", Target.IMAGE, "true");
        docker.ok("rmi", "-f", Target.IMAGE);
        Span gateway = await("gateway", "/containers/create", "");
        Span engine = await("engine-service", "/containers/create", gateway.id);
        assertThat(engine.trace).isEqualTo(gateway.trace);
        assertThat(engine.facts.get("berth.request.id"))
                .isEqualTo(gateway.facts.get("berth.request.id"))
                .isNotEmpty();
        Eventually.holds(
                Duration.ofSeconds(20),
                () -> spans().stream()
                        .anyMatch(span -> span.service.equals("image-service")
                                && span.trace.equals(gateway.trace)
                                && span.parent.equals(engine.id)),
                () -> "the image service has no part in " + spans());
    }

    @Test
    void aClientsOwnTraceIsGoneOnWith() {
        String trace = "4bf92f3577b34da6a3ce929d0e0e" + (1000 + System.nanoTime() % 9000);
        PLATFORM.http()
                .send(
                        "GET",
                        "/v2/",
                        Map.of("traceparent", "00-" + trace + "-00f067aa0ba902b7-01", "X-Request-Id", "mine-1"),
                        new byte[0]);
        Span gateway = await("gateway", "/v2/", "00f067aa0ba902b7");
        assertThat(gateway.trace).isEqualTo(trace);
        assertThat(gateway.facts).containsEntry("berth.request.id", "mine-1");
        assertThat(await("registry-service", "/v2/", gateway.id).trace).isEqualTo(trace);
    }

    @Test
    void whatAClientDoesNotWantToBeRecordedIsNot() {
        String unwanted = "5bf92f3577b34da6a3ce929d0e0e0001";
        PLATFORM.http()
                .send("GET", "/info", Map.of("traceparent", "00-" + unwanted + "-00f067aa0ba902b7-00"), new byte[0]);
        String wanted = "6bf92f3577b34da6a3ce929d0e0e0001";
        PLATFORM.http()
                .send("GET", "/info", Map.of("traceparent", "00-" + wanted + "-00f067aa0ba902b7-01"), new byte[0]);
        await("engine-service", "/info", "");
        assertThat(spans()).noneMatch(span -> span.trace.equals(unwanted));
    }

    /** @param parent empty for any */
    private static Span await(String service, String path, String parent) {
        Eventually.holds(
                Duration.ofSeconds(20),
                () -> find(service, path, parent).isPresent(),
                () -> "no span of " + service + " for " + path + " below " + parent + " in " + spans());
        return find(service, path, parent).orElseThrow();
    }

    private static Optional<Span> find(String service, String path, String parent) {
        return spans().stream()
                .filter(span -> span.is(service, path) && (parent.isEmpty() || span.parent.equals(parent)))
                .findFirst();
    }

    private static List<Span> spans() {
        List<Span> all = new ArrayList<>();
        try {
            for (String line : Files.readString(SPANS, StandardCharsets.UTF_8).split("\n", -1)) {
                // The last line may still be written.
                if (line.endsWith("}")) {
                    JSON.readTree(line).path("resourceSpans").forEach(resource -> addSpans(resource, all));
                }
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return all;
    }

    private static void addSpans(JsonNode resource, List<Span> all) {
        String service = facts(resource.path("resource")).getOrDefault("service.name", "");
        resource.path("scopeSpans")
                .forEach(scope -> scope.path("spans")
                        .forEach(span -> all.add(new Span(
                                service,
                                span.path("traceId").asString(),
                                span.path("spanId").asString(),
                                span.path("parentSpanId").asString(),
                                span.path("name").asString(),
                                facts(span)))));
    }

    private static Map<String, String> facts(JsonNode node) {
        Map<String, String> facts = new HashMap<>();
        node.path("attributes")
                .forEach(attribute -> facts.put(
                        attribute.path("key").asString(),
                        attribute.path("value").path("stringValue").asString("")));
        return facts;
    }
}
