package io.berth.gateway.access.policy;

import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * What an operator lets the developers of a project do beyond what all may. Absent parts are the strictest.
 *
 * <pre>{"hostPaths": ["/srv/shop"], "capabilities": ["NET_ADMIN"], "sysctls": ["net.core.somaxconn"], "devices": ["/dev/fuse"],
 * "lowestPort": 1024, "hostNetwork": false}</pre>
 *
 * @param hostPaths that may be mounted, exactly as they are: below one a container could lay a link to anywhere
 * @param capabilities that may be added, without {@code CAP_}
 * @param sysctls that may be set, by name
 * @param devices of the host that may be handed in, by path
 * @param lowestPort of the host that may be published
 * @param hostNetwork whether the host's network namespace may be used
 */
public record Policy(
        @Nullable Set<String> hostPaths,
        @Nullable Set<String> capabilities,
        @Nullable Set<String> sysctls,
        @Nullable Set<String> devices,
        @Nullable Integer lowestPort,
        @Nullable Boolean hostNetwork) {
    private static final int FIRST_UNPRIVILEGED_PORT = 1024;
    private static final int MAX_PORT = 65_535;
    private static final Pattern PATH = Pattern.compile("/|(/[^/]+)++");
    private static final JsonMapper STRICT = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    /** Nothing beyond what all may. */
    public static final Policy STRICTEST = new Policy(null, null, null, null, null, null);

    /** @throws IllegalArgumentException for paths that are not absolute and plain, and ports that are none */
    public Policy {
        hostPaths = paths(hostPaths);
        devices = paths(devices);
        capabilities = of(capabilities).stream()
                .map(name -> name.toUpperCase(Locale.ROOT).replaceFirst("^CAP_", ""))
                .collect(Collectors.toUnmodifiableSet());
        sysctls = of(sysctls);
        lowestPort = Objects.requireNonNullElse(lowestPort, FIRST_UNPRIVILEGED_PORT);
        if (lowestPort < 1 || lowestPort > MAX_PORT) {
            throw new IllegalArgumentException("invalid lowestPort");
        }
        hostNetwork = Objects.requireNonNullElse(hostNetwork, false);
    }

    private static Set<String> of(@Nullable Set<String> values) {
        return values == null ? Set.of() : Set.copyOf(values);
    }

    private static Set<String> paths(@Nullable Set<String> values) {
        for (String path : of(values)) {
            if (!PATH.matcher(path).matches() || List.of(path.split("/", -1)).contains("..")) {
                throw new IllegalArgumentException("invalid path: " + path);
            }
        }
        return of(values);
    }

    /**
     * Reads what is kept of a project.
     *
     * @param json empty for the strictest
     */
    public static Policy parse(String json) {
        if (json.isEmpty()) {
            return STRICTEST;
        }
        try {
            return STRICT.readValue(json, Policy.class);
        } catch (JacksonException e) {
            throw new IllegalArgumentException("malformed policy", e);
        }
    }

    boolean allowsHostPath(String path) {
        return of(hostPaths).contains(path);
    }

    boolean allowsCapability(String name) {
        return of(capabilities).contains(name.toUpperCase(Locale.ROOT).replaceFirst("^CAP_", ""));
    }

    boolean allowsSysctl(String name) {
        return of(sysctls).contains(name);
    }

    boolean allowsDevice(String path) {
        return of(devices).contains(path);
    }

    boolean allowsPort(int port) {
        return port >= Objects.requireNonNullElse(lowestPort, FIRST_UNPRIVILEGED_PORT);
    }

    boolean allowsHostNetwork() {
        return Boolean.TRUE.equals(hostNetwork);
    }
}
