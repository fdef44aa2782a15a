package io.berth.gateway.node.web;

import io.berth.docker.error.ApiException;
import io.berth.docker.error.ErrorBody;
import io.berth.docker.error.InvalidParameter;
import io.berth.gateway.node.Availability;
import io.berth.gateway.node.Node;
import io.berth.gateway.node.NodeSpec;
import io.berth.gateway.node.Nodes;
import io.berth.gateway.node.Reach;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.http.CacheControl;
import org.springframework.http.ResponseEntity;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** {@code /api/nodes}, for operators: who adds a node tells the gateway which sockets to speak to as the platform. */
@RestController
@RequestMapping("/api/nodes")
class NodesController {
    private static final String ROW = "%-16s %-12s %-24s %10s  %s%n";

    private final Nodes nodes;

    NodesController(Nodes nodes) {
        this.nodes = nodes;
    }

    /**
     * A node to add.
     *
     * <pre>{"name":"n2","engineSocket":"/run/n2/engine.sock","imageSocket":"/run/n2/image.sock","labels":{"storage":"ssd"}}</pre>
     *
     * @param keyFile null for the platform's own credential
     * @param cpus limit of what containers may reserve, 0 or null for none
     * @param memoryBytes likewise
     * @param availability {@code active} (when null), {@code drain} or {@code down}
     */
    record Wanted(
            @Nullable String name,
            @Nullable String engineSocket,
            @Nullable String imageSocket,
            @Nullable String keyFile,
            @Nullable Map<String, String> labels,
            @Nullable Double cpus,
            @Nullable Long memoryBytes,
            @Nullable String availability) {}

    /** A change: {@code {"availability":"drain"}}. */
    record Change(@Nullable String availability) {}

    /**
     * A node as it is.
     *
     * @param reachable whether its engine answers
     * @param cause what is wrong with it, null for nothing
     * @param since when it began to be reachable, or not
     * @param containers on it, as last known
     */
    record Shown(
            String name,
            boolean local,
            String availability,
            boolean reachable,
            @Nullable String cause,
            Instant since,
            String engineSocket,
            String imageSocket,
            Map<String, String> labels,
            double cpus,
            long memoryBytes,
            int containers) {
        static Shown of(Node node) {
            return new Shown(
                    node.name(),
                    node.local(),
                    node.availability().text(),
                    node.reach().up(),
                    node.reach().cause(),
                    node.reach().since(),
                    node.spec().engineSocket().toString(),
                    node.spec().imageSocket().toString(),
                    node.spec().labels(),
                    node.capacity().cpus(),
                    node.capacity().memoryBytes(),
                    node.containers().all().size());
        }
    }

    @GetMapping
    ResponseEntity<List<Shown>> list() {
        return ResponseEntity.ok()
                .cacheControl(CacheControl.noStore())
                .body(nodes.all().stream().map(Shown::of).toList());
    }

    /** The same as a table for people. */
    @GetMapping(params = "format=text", produces = "text/plain;charset=UTF-8")
    String table() {
        StringBuilder text = new StringBuilder(ROW.formatted("NODE", "AVAILABILITY", "STATE", "CONTAINERS", "LABELS"));
        for (Node node : nodes.all()) {
            Reach reach = node.reach();
            String labels = node.spec().labels().entrySet().stream()
                    .sorted(Map.Entry.comparingByKey())
                    .map(label -> label.getKey() + '=' + label.getValue())
                    .collect(Collectors.joining(","));
            text.append(ROW.formatted(
                    node.name(),
                    node.availability().text(),
                    reach.cause() == null ? "ready" : reach.cause(),
                    node.containers().all().size(),
                    labels));
        }
        return text.toString();
    }

    @GetMapping("/{name}")
    Shown one(@PathVariable("name") String name) {
        return Shown.of(nodes.named(name));
    }

    @PostMapping
    ResponseEntity<Shown> add(@RequestBody Wanted wanted) {
        NodeSpec spec = new NodeSpec(
                required(wanted.name(), "name"),
                path(required(wanted.engineSocket(), "engineSocket")),
                path(required(wanted.imageSocket(), "imageSocket")),
                wanted.keyFile() == null ? null : path(wanted.keyFile()),
                wanted.labels() == null ? Map.of() : wanted.labels(),
                wanted.cpus() == null ? 0 : wanted.cpus(),
                wanted.memoryBytes() == null ? 0 : wanted.memoryBytes());
        Availability availability =
                wanted.availability() == null ? Availability.ACTIVE : Availability.parse(wanted.availability());
        return ResponseEntity.status(201).body(Shown.of(nodes.add(spec, availability)));
    }

    @PatchMapping("/{name}")
    Shown change(@PathVariable("name") String name, @RequestBody Change change) {
        return Shown.of(nodes.become(name, Availability.parse(required(change.availability(), "availability"))));
    }

    @DeleteMapping("/{name}")
    ResponseEntity<Void> remove(@PathVariable("name") String name) {
        nodes.remove(name);
        return ResponseEntity.noContent().build();
    }

    private static String required(@Nullable String value, String field) {
        if (value == null || value.isEmpty()) {
            throw new InvalidParameter("a node needs \"" + field + "\"");
        }
        return value;
    }

    private static Path path(String text) {
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw new InvalidParameter("not a path: " + e.getReason(), e);
        }
    }

    @ExceptionHandler
    ResponseEntity<ErrorBody> refuse(ApiException error) {
        return ResponseEntity.status(error.status()).body(new ErrorBody(error.text()));
    }

    @ExceptionHandler
    ResponseEntity<ErrorBody> refuse(HttpMessageNotReadableException error) {
        return ResponseEntity.badRequest().body(new ErrorBody("the request is not the JSON of a node"));
    }
}
