package io.berth.gateway.merge;

import io.berth.docker.DockerJson;
import io.berth.gateway.access.Identity;
import io.berth.gateway.access.IdentityHeader;
import io.berth.gateway.node.Answer;
import io.berth.gateway.node.Node;
import io.berth.gateway.route.Backend;
import io.berth.gateway.route.RequestTarget;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/** A client's request that concerns several nodes. Immutable, but for the array that it was given. */
public final class MergeRequest {
    private final String method;
    private final RequestTarget target;
    private final Map<String, List<String>> headers;
    private final byte @Nullable [] body;

    /**
     * @param target as the client sent it, in canonical form
     * @param headers those that every node gets, the caller's identity among them
     * @param body null when it has none, or it is a stream
     */
    public MergeRequest(
            String method, RequestTarget target, Map<String, List<String>> headers, byte @Nullable [] body) {
        this.method = method;
        this.target = target;
        this.headers = Map.copyOf(headers);
        this.body = body;
    }

    String method() {
        return method;
    }

    RequestTarget target() {
        return target;
    }

    private Optional<Identity> caller() {
        return headers.entrySet().stream()
                .filter(header -> header.getKey().equalsIgnoreCase(IdentityHeader.NAME))
                .flatMap(header -> header.getValue().stream())
                .findFirst()
                .flatMap(IdentityHeader::parse);
    }

    /** Whether not everything is the caller's. */
    boolean restricted() {
        return caller().filter(who -> !who.operator()).isPresent();
    }

    /** Whether what is of a project is there for the caller. */
    boolean sees(String project) {
        return caller().map(who -> who.operator() || who.belongsTo(project)).orElse(true);
    }

    Map<String, List<String>> headers() {
        return headers;
    }

    /** The body as JSON; missing when it is none. */
    JsonNode json() {
        try {
            return body == null || body.length == 0 ? MissingNode.getInstance() : DockerJson.REQUESTS.readTree(body);
        } catch (JacksonException e) {
            return MissingNode.getInstance();
        }
    }

    /** Path and query. */
    String text() {
        return target.text();
    }

    /** The API version's part of the path, {@code /v1.43}, or nothing. */
    String version() {
        return target.versioned() ? target.path().substring(0, target.path().indexOf('/', 1)) : "";
    }

    /** Sends it to a node as it is. */
    Answer to(Node node, Backend backend) {
        return to(node, backend, text());
    }

    /** Sends it to a node with another path and query. */
    Answer to(Node node, Backend backend, String pathAndQuery) {
        return node.client().send(method, backend, pathAndQuery, headers, body);
    }

    /** Asks a node for something else with this caller's headers. */
    Answer ask(Node node, Backend backend, String path) {
        return node.client().send("GET", backend, version() + path, headers, null);
    }
}
