package io.berth.gateway.merge;

import io.berth.docker.ApiVersion;
import io.berth.docker.DockerJson;
import io.berth.docker.system.VersionResponse;
import io.berth.docker.system.VersionResponse.Component;
import io.berth.gateway.node.Node;
import io.berth.gateway.node.Nodes;
import io.berth.gateway.route.Backend;
import io.berth.gateway.transport.Transport;
import io.berth.gateway.transport.UnixCall;
import io.berth.unixhttp.Build;
import io.berth.unixhttp.PlatformKey;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/**
 * {@code GET /version}: what the engines, the image services, the registry and the gateway are. A service that is away is left out. All are
 * asked at once, past the circuit breakers, since nothing waits for them longer than a second. Thread-safe.
 */
public final class MergedVersion {
    private static final Logger LOG = LoggerFactory.getLogger(MergedVersion.class);
    private static final Duration LIMIT = Duration.ofSeconds(1);
    private static final int MAX_ANSWER = 64 * 1024;

    /** As Go names it. */
    private static final String ARCHITECTURE = System.getProperty("os.arch", "").replace("aarch64", "arm64");

    private final Nodes nodes;
    private final UnixCall call;
    private final PlatformKey key;
    private final Path registry;

    /** @param registry the registry's socket */
    public MergedVersion(Nodes nodes, Transport transport, PlatformKey key, Path registry) {
        this.nodes = nodes;
        this.call = new UnixCall(transport, MAX_ANSWER, LIMIT);
        this.key = key;
        this.registry = registry;
    }

    /** The services of one node. */
    private record OfNode(
            Node node,
            CompletableFuture<Optional<VersionResponse>> engine,
            CompletableFuture<Optional<Component>> image) {}

    /** Who answers within a second. Blocks as long, so not for an event loop. */
    public VersionResponse now() {
        List<OfNode> asked = nodes.reachable().stream()
                .map(node -> new OfNode(
                        node,
                        ask(node.socket(Backend.ENGINE), "/version", node.keyValue(), MergedVersion::version),
                        service(node.socket(Backend.IMAGE), node.keyValue(), Backend.IMAGE)))
                .toList();
        CompletableFuture<Optional<Component>> ofRegistry = service(registry, key.headerValue(), Backend.REGISTRY);
        @Nullable VersionResponse first = null;
        List<Component> components = new ArrayList<>();
        for (OfNode one : asked) {
            @Nullable VersionResponse engine = one.engine().join().orElse(null);
            if (engine != null) {
                first = first == null ? engine : first;
                engine.components().forEach(component -> components.add(ofNode(one.node(), component)));
            }
        }
        asked.forEach(one -> one.image().join().ifPresent(image -> components.add(ofNode(one.node(), image))));
        ofRegistry.join().ifPresent(components::add);
        components.add(gateway());
        return first == null ? withoutEngine(components) : first.with(components);
    }

    /** Docker's client prints an engine as it always did by its name only. */
    private Component ofNode(Node node, Component component) {
        return node.local()
                ? component
                : new Component(component.name() + " (" + node.name() + ")", component.version(), component.details());
    }

    private static Component gateway() {
        Build build = Build.current();
        Map<String, String> details = build.details(
                Map.of("ApiVersion", ApiVersion.MAX.toString(), "MinAPIVersion", ApiVersion.MIN.toString()));
        return new Component(Backend.PLATFORM.label(), build.version(), details);
    }

    /** The services are built together, and this one runs where the first node does. */
    private static VersionResponse withoutEngine(List<Component> components) {
        return VersionResponse.of(
                Build.current().version(),
                Build.current().commit(),
                ARCHITECTURE,
                System.getProperty("os.version", ""),
                components);
    }

    private CompletableFuture<Optional<Component>> service(Path socket, String credential, Backend backend) {
        return ask(socket, "/actuator/info", credential, info -> component(backend, info.path("service")));
    }

    private static Component component(Backend backend, JsonNode service) {
        Map<String, String> details = new TreeMap<>();
        service.path("details")
                .propertyStream()
                .forEach(
                        detail -> details.put(detail.getKey(), detail.getValue().asString("")));
        return new Component(backend.label(), service.path("version").asString(""), details);
    }

    private static VersionResponse version(JsonNode answer) {
        return DockerJson.MAPPER.treeToValue(answer, VersionResponse.class);
    }

    /** Never completes exceptionally; empty when there is no answer that can be used. */
    private <T> CompletableFuture<Optional<T>> ask(
            Path socket, String path, String credential, Function<JsonNode, T> meaning) {
        FullHttpRequest request = new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, path);
        request.headers()
                .set(HttpHeaderNames.HOST, "localhost")
                .set(HttpHeaderNames.ACCEPT, "application/json")
                .set(PlatformKey.HEADER, credential);
        return call.send(socket, request)
                .thenApply(answer -> json(answer).map(meaning))
                .exceptionally(cause -> {
                    LOG.atDebug()
                            .addKeyValue("socket", socket)
                            .setCause(cause)
                            .log("a service does not tell its version");
                    return Optional.empty();
                });
    }

    private static Optional<JsonNode> json(UnixCall.Answer answer) {
        if (answer.status() != 200) {
            return Optional.empty();
        }
        return Optional.of(DockerJson.MAPPER.readTree(answer.body())).filter(JsonNode::isObject);
    }
}
