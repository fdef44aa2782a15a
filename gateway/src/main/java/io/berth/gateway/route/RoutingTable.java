package io.berth.gateway.route;

import io.berth.docker.error.NotFound;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Maps a request to its backend by method and canonical path. What is not named here does not exist (404 as Docker's own
 * router answers); whether a known resource has the verb asked for is the backend's to say.
 */
public final class RoutingTable {
    private static final Set<String> LONG_CONTAINER_VERBS = Set.of(
            "attach", "archive", "copy", "export", "logs", "prune", "restart", "stats", "stop", "wait", "update");
    private static final Set<String> LONG_IMAGE_VERBS = Set.of("create", "load", "get", "push", "prune", "search");

    /** What the gateway serves below {@code /api}. */
    private static final Set<String> OWN_API =
            Set.of("platform", "nodes", "session", "tokens", "users", "projects", "audit", "openapi.json");

    private static final Route PING = docker("ping", Backend.ENGINE, false);
    private static final Route SYSTEM = docker("system", Backend.ENGINE, false);
    /** What all services are, made by the gateway, so that it is answered also while one of them is away. */
    private static final Route VERSION = docker("version", Backend.PLATFORM, false);

    private static final Route DISK_USAGE = docker("disk-usage", Backend.ENGINE, true);
    private static final Route EVENTS = docker("events", Backend.ENGINE, true);
    private static final Route CONTAINERS = docker("containers", Backend.ENGINE, false);
    private static final Route CONTAINERS_LONG = docker("containers-long", Backend.ENGINE, true);
    private static final Route ATTACH =
            new Route("attach", Backend.ENGINE, ErrorShape.DOCKER, true, StreamKind.UPGRADE_OR_RAW);
    private static final Route ATTACH_WEBSOCKET =
            new Route("attach", Backend.ENGINE, ErrorShape.DOCKER, true, StreamKind.UPGRADE);
    private static final Route EXEC = docker("exec", Backend.ENGINE, false);
    private static final Route EXEC_START =
            new Route("exec-start", Backend.ENGINE, ErrorShape.DOCKER, true, StreamKind.UPGRADE_OR_RAW);
    private static final Route EXEC_WEBSOCKET =
            new Route("exec-start", Backend.ENGINE, ErrorShape.DOCKER, true, StreamKind.UPGRADE);
    private static final Route COMMIT = docker("commit", Backend.ENGINE, true);
    private static final Route NETWORKS = docker("networks", Backend.ENGINE, false);
    private static final Route VOLUMES = docker("volumes", Backend.ENGINE, false);
    private static final Route VOLUMES_PRUNE = docker("volumes-prune", Backend.ENGINE, true);
    private static final Route SECRETS = docker("secrets", Backend.ENGINE, false);
    private static final Route HELD = docker("held", Backend.ENGINE, false);
    private static final Route IMAGES = docker("images", Backend.IMAGE, false);
    private static final Route IMAGES_LONG = docker("images-long", Backend.IMAGE, true);
    private static final Route BUILD = docker("build", Backend.IMAGE, true);
    private static final Route DISTRIBUTION = docker("distribution", Backend.IMAGE, true);
    /** The connections of BuildKit's clients, which become HTTP/2. */
    private static final Route BUILDKIT =
            new Route("buildkit", Backend.IMAGE, ErrorShape.DOCKER, true, StreamKind.UPGRADE);

    private static final Route REGISTRY =
            new Route("registry", Backend.REGISTRY, ErrorShape.REGISTRY, false, StreamKind.NONE);
    private static final Route REGISTRY_LONG =
            new Route("registry-long", Backend.REGISTRY, ErrorShape.REGISTRY, true, StreamKind.NONE);
    private static final Route PLATFORM = docker("platform", Backend.PLATFORM, false);

    /** Of requests that concern several nodes. No client's own path leads to it. */
    public static final Route MERGED = docker("nodes", Backend.PLATFORM, true);

    /** What comes before the path of such a request when it is handed to the internal listener. */
    public static final String MERGED_PREFIX = "/merged";

    private static final Set<String> NAMES = Stream.of(
                    PING,
                    SYSTEM,
                    VERSION,
                    DISK_USAGE,
                    EVENTS,
                    CONTAINERS,
                    CONTAINERS_LONG,
                    ATTACH,
                    EXEC,
                    EXEC_START,
                    COMMIT,
                    NETWORKS,
                    VOLUMES,
                    VOLUMES_PRUNE,
                    SECRETS,
                    HELD,
                    IMAGES,
                    IMAGES_LONG,
                    BUILD,
                    DISTRIBUTION,
                    BUILDKIT,
                    REGISTRY,
                    REGISTRY_LONG,
                    PLATFORM,
                    MERGED)
            .map(Route::name)
            .collect(Collectors.toUnmodifiableSet());

    /** The names of all routes. */
    public static Set<String> names() {
        return NAMES;
    }

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
                        ? EXEC_START
                        : EXEC;
            case "networks" -> NETWORKS;
            case "secrets", "configs" -> SECRETS;
            case "_ping" -> PING;
            case "info", "plugins", "swarm", "nodes", "services", "tasks" -> SYSTEM;
            case "version" -> target.segments().size() == 1 && reads(method) ? VERSION : SYSTEM;
            case "volumes" -> target.segment(1).equals("prune") ? VOLUMES_PRUNE : VOLUMES;
            case "events" -> EVENTS;
            case "commit" -> COMMIT;
            case "system" -> DISK_USAGE;
            case "images" -> image(method, target);
            case "build" -> BUILD;
            case "distribution", "auth" -> DISTRIBUTION;
            case "grpc", "session" -> {
                if (!method.equals("POST") || target.segments().size() != 1) {
                    throw notFound();
                }
                yield BUILDKIT;
            }
            case "v2" -> registry(method);
            case "v1" -> REGISTRY;
            case "", "dashboard", "ui", "health", "metrics", "actuator" -> {
                if (versioned) {
                    throw notFound();
                }
                yield PLATFORM;
            }
            case "berth" -> own(method, target);
            case "api" -> {
                if (versioned || !OWN_API.contains(target.segment(1))) {
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
            return ATTACH;
        }
        if (target.segments().size() == 4
                && verb.equals("attach")
                && target.segment(3).equals("ws")) {
            return ATTACH_WEBSOCKET;
        }
        return method.equals("DELETE") || LONG_CONTAINER_VERBS.contains(verb) ? CONTAINERS_LONG : CONTAINERS;
    }

    private static Route image(String method, RequestTarget target) {
        return method.equals("DELETE") || LONG_IMAGE_VERBS.contains(target.last()) ? IMAGES_LONG : IMAGES;
    }

    private static Route registry(String method) {
        return reads(method) ? REGISTRY : REGISTRY_LONG;
    }

    private static boolean reads(String method) {
        return method.equals("GET") || method.equals("HEAD");
    }

    /** What Berth adds to the protocols it speaks. */
    private static Route own(String method, RequestTarget target) {
        if (target.versioned()) {
            throw notFound();
        }
        return switch (target.segment(1)) {
            case "held", "usage" -> HELD;
            case "exec" -> {
                if (!method.equals("GET")
                        || target.segments().size() != 4
                        || !target.segment(3).equals("ws")) {
                    throw notFound();
                }
                yield EXEC_WEBSOCKET;
            }
            case "builds" -> IMAGES;
            case "registry" -> registry(method);
            default -> throw notFound();
        };
    }

    private static Route docker(String name, Backend backend, boolean longRunning) {
        return new Route(name, backend, ErrorShape.DOCKER, longRunning, StreamKind.NONE);
    }

    private static NotFound notFound() {
        return new NotFound("page not found");
    }
}
