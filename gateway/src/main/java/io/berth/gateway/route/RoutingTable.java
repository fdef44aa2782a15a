package io.berth.gateway.route;

import io.berth.docker.error.NotFound;
import java.util.Set;

/**
 * Maps a request to its backend by method and canonical path. What is not named here does not exist (404 as Docker's own
 * router answers); whether a known resource has the verb asked for is the backend's to say.
 */
public final class RoutingTable {
    private static final Set<String> LONG_CONTAINER_VERBS = Set.of(
            "attach", "archive", "copy", "export", "logs", "prune", "restart", "stats", "stop", "wait", "update");
    private static final Set<String> LONG_IMAGE_VERBS = Set.of("create", "load", "get", "push", "prune", "search");

    private static final Route ENGINE = docker(Backend.ENGINE, false);
    private static final Route ENGINE_LONG = docker(Backend.ENGINE, true);
    private static final Route ENGINE_HIJACK =
            new Route(Backend.ENGINE, ErrorShape.DOCKER, true, StreamKind.UPGRADE_OR_RAW);
    private static final Route ENGINE_WEBSOCKET =
            new Route(Backend.ENGINE, ErrorShape.DOCKER, true, StreamKind.UPGRADE);
    private static final Route IMAGE = docker(Backend.IMAGE, false);
    private static final Route IMAGE_LONG = docker(Backend.IMAGE, true);
    private static final Route REGISTRY = new Route(Backend.REGISTRY, ErrorShape.REGISTRY, false, StreamKind.NONE);
    private static final Route REGISTRY_LONG = new Route(Backend.REGISTRY, ErrorShape.REGISTRY, true, StreamKind.NONE);
    private static final Route PLATFORM = docker(Backend.PLATFORM, false);

    /**
     * The route of a request.
     *
     * @param method in capitals, such as {@code POST}
     * @throws NotFound when no service has the path
     */
    public Route route(String method, RequestTarget target) {
        boolean versioned = target.versioned();
        return switch (target.first()) {
            case "containers" -> container(method, target);
            case "exec" ->
                method.equals("POST")
                                && target.segment(2).equals("start")
                                && target.segments().size() == 3
                        ? ENGINE_HIJACK
                        : ENGINE;
            case "networks", "secrets", "configs", "info", "version", "_ping" -> ENGINE;
            case "volumes" -> target.segment(1).equals("prune") ? ENGINE_LONG : ENGINE;
            case "events", "commit", "system" -> ENGINE_LONG;
            case "images" -> image(method, target);
            case "build", "distribution", "auth" -> IMAGE_LONG;
            case "v2" -> registry(method);
            case "", "dashboard", "health", "metrics", "actuator" -> {
                if (versioned) {
                    throw notFound();
                }
                yield PLATFORM;
            }
            case "berth" -> {
                if (versioned || !target.segment(1).equals("held")) {
                    throw notFound();
                }
                yield ENGINE;
            }
            case "api" -> {
                if (versioned || !target.segment(1).equals("platform")) {
                    throw notFound();
                }
                yield PLATFORM;
            }
            default -> throw notFound();
        };
    }

    private static Route container(String method, RequestTarget target) {
        String verb = target.segments().size() == 2 ? target.segment(1) : target.segment(2);
        if (target.segments().size() == 3 && verb.equals("attach") && method.equals("POST")) {
            return ENGINE_HIJACK;
        }
        if (target.segments().size() == 4
                && verb.equals("attach")
                && target.segment(3).equals("ws")) {
            return ENGINE_WEBSOCKET;
        }
        return method.equals("DELETE") || LONG_CONTAINER_VERBS.contains(verb) ? ENGINE_LONG : ENGINE;
    }

    private static Route image(String method, RequestTarget target) {
        return method.equals("DELETE") || LONG_IMAGE_VERBS.contains(target.last()) ? IMAGE_LONG : IMAGE;
    }

    private static Route registry(String method) {
        return method.equals("GET") || method.equals("HEAD") ? REGISTRY : REGISTRY_LONG;
    }

    private static Route docker(Backend backend, boolean longRunning) {
        return new Route(backend, ErrorShape.DOCKER, longRunning, StreamKind.NONE);
    }

    private static NotFound notFound() {
        return new NotFound("page not found");
    }
}
