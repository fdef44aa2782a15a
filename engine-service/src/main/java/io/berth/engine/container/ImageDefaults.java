package io.berth.engine.container;

import io.berth.docker.LabelBounds;
import io.berth.docker.container.ContainerConfig;
import io.berth.docker.container.HealthConfig;
import io.berth.docker.error.InvalidParameter;
import io.berth.oci.ImageConfig.Execution;
import io.berth.oci.ImageConfig.HealthCheck;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Merges an image's defaults into what a user asked for (moby: daemon/internal/runconfig, merge.go). */
public final class ImageDefaults {
    /** Prefixes of {@link UserRanges#NAME}, {@link UnhealthyAction#KEY} and what else may come. */
    private static final List<String> ORDERS = List.of("berth.", "io.berth.");

    private ImageDefaults() {}

    /**
     * @param hostname for when none was asked for
     */
    public static ContainerConfig merge(ContainerConfig user, Execution image, String hostname) {
        boolean noEntrypoint = isEmpty(user.entrypoint());
        @Nullable List<String> cmd = noEntrypoint && isEmpty(user.cmd()) ? image.cmd() : user.cmd();
        @Nullable List<String> entrypoint = user.entrypoint() == null ? image.entrypoint() : user.entrypoint();
        // A single empty word is how clients reset the image's entrypoint.
        if (entrypoint != null && entrypoint.equals(List.of(""))) {
            entrypoint = null;
        }
        return new ContainerConfig(
                user.hostname().isEmpty() ? hostname : user.hostname(),
                user.domainname(),
                user.user().isEmpty() ? text(image.user()) : user.user(),
                user.attachStdin(),
                user.attachStdout(),
                user.attachStderr(),
                union(user.exposedPorts(), image.exposedPorts()),
                user.tty(),
                user.openStdin(),
                user.stdinOnce(),
                env(user.env(), image.env()),
                cmd,
                health(user.healthcheck(), image.healthcheck()),
                user.argsEscaped(),
                user.image(),
                union(user.volumes(), image.volumes()),
                user.workingDir().isEmpty() ? text(image.workingDir()) : user.workingDir(),
                entrypoint,
                user.networkDisabled(),
                user.macAddress(),
                user.onBuild(),
                labels(user.labels(), image.labels()),
                isBlank(user.stopSignal()) ? stopSignal(image) : user.stopSignal(),
                user.stopTimeout(),
                user.shell() == null ? image.shell() : user.shell());
    }

    private static boolean isEmpty(@Nullable List<String> list) {
        return list == null || list.isEmpty();
    }

    private static boolean isBlank(@Nullable String text) {
        return text == null || text.isEmpty();
    }

    private static String text(@Nullable String value) {
        return value == null ? "" : value;
    }

    /** One that does not exist is none, as with Docker: else the container could not be stopped. */
    private static @Nullable String stopSignal(Execution image) {
        String signal = image.stopSignal();
        try {
            if (signal != null && !signal.isEmpty()) {
                int _ = Signals.parse(signal);
            }
            return signal;
        } catch (InvalidParameter e) {
            return null;
        }
    }

    private static @Nullable Map<String, Map<String, Object>> union(
            @Nullable Map<String, Map<String, Object>> first, @Nullable Map<String, Map<String, Object>> second) {
        if (first == null || first.isEmpty() || second == null || second.isEmpty()) {
            @Nullable Map<String, Map<String, Object>> only = first == null || first.isEmpty() ? second : first;
            return only == null || only.isEmpty() ? null : only;
        }
        Map<String, Map<String, Object>> all = new LinkedHashMap<>(second);
        all.putAll(first);
        return all;
    }

    /** Labels by which a user gives the engine orders are not an image's to set (CVE-2026-53488). */
    private static Map<String, String> labels(@Nullable Map<String, String> user, @Nullable Map<String, String> image) {
        Map<String, String> all = new LinkedHashMap<>(image == null ? Map.of() : image);
        all.keySet().removeIf(name -> ORDERS.stream().anyMatch(name::startsWith));
        all.putAll(user == null ? Map.of() : user);
        LabelBounds.check(all, "labels");
        return all;
    }

    /** The user's come first; a bare name of the user's takes the image's variable away when the process is started. */
    private static List<String> env(@Nullable List<String> user, @Nullable List<String> image) {
        List<String> all = new ArrayList<>(user == null ? List.of() : user);
        Set<String> named = new HashSet<>();
        all.forEach(entry -> named.add(nameOf(entry)));
        for (String entry : image == null ? List.<String>of() : image) {
            // An image's entry without a value must not take one from anywhere else.
            if (entry.indexOf('=') > 0 && named.add(nameOf(entry))) {
                ProcessEnvironment.check(entry);
                all.add(entry);
            }
        }
        return all;
    }

    private static String nameOf(String entry) {
        int equals = entry.indexOf('=');
        return equals < 0 ? entry : entry.substring(0, equals);
    }

    /** Each field that the user leaves out, or sets to zero, is the image's. */
    private static @Nullable HealthConfig health(@Nullable HealthConfig user, @Nullable HealthCheck image) {
        if (image == null) {
            return user;
        }
        HealthConfig inherited = new HealthConfig(
                image.test(),
                image.intervalNanos(),
                image.timeoutNanos(),
                image.startPeriodNanos(),
                image.startIntervalNanos(),
                image.retries());
        if (user == null) {
            return inherited;
        }
        return new HealthConfig(
                isEmpty(user.test()) ? inherited.test() : user.test(),
                unlessZero(user.interval(), inherited.interval()),
                unlessZero(user.timeout(), inherited.timeout()),
                unlessZero(user.startPeriod(), inherited.startPeriod()),
                unlessZero(user.startInterval(), inherited.startInterval()),
                user.retries() == null || user.retries() == 0 ? inherited.retries() : user.retries());
    }

    private static @Nullable Long unlessZero(@Nullable Long user, @Nullable Long image) {
        return user == null || user == 0 ? image : user;
    }
}
