package io.berth.image.build.buildkit;

import io.berth.buildkit.BuildRequest;
import io.berth.buildkit.CacheOption;
import io.berth.buildkit.ExportRequest;
import io.berth.docker.error.Forbidden;
import io.berth.image.caller.Caller;
import io.berth.oci.ImageReference;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a developer may have built by BuildKit's protocol: the same as by {@code POST /build}. What this has not thought of is
 * refused.
 */
final class BuildPermission {
    /** Options of the frontend that reach neither the host nor what is others'. */
    private static final Set<String> OPTIONS = Set.of(
            "add-hosts",
            "cmdline",
            "context",
            "contextkey",
            "dockerfilekey",
            "filename",
            "force-network-mode",
            "frontend.caps",
            "image-resolve-mode",
            "multi-platform",
            "no-cache",
            "platform",
            "requestid",
            "shm-size",
            "source",
            "target",
            "ulimit");

    private static final List<String> OPTION_PREFIXES = List.of("attest:", "build-arg:", "context:", "label:", "vcs:");
    private static final Set<String> NETWORKS = Set.of("", "default", "bridge", "none", "sandbox");
    private static final Set<String> CACHES = Set.of("inline", "local", "registry");

    private BuildPermission() {}

    /** @throws Forbidden for what is an operator's */
    static void check(Caller caller, BuildRequest request, List<ExportRequest> exports) {
        if (!caller.restricted()) {
            return;
        }
        caller.requireMakes();
        if (!request.entitlements().isEmpty()) {
            throw new Forbidden(
                    String.join(", ", request.entitlements().stream().sorted().toList())
                            + ": only an operator may allow this to a build");
        }
        request.attributes().forEach(BuildPermission::option);
        request.labels().forEach((name, value) -> label(caller, name, value));
        for (CacheOption to : request.cacheExports()) {
            if (!CACHES.contains(to.type())) {
                throw new Forbidden("cache-to " + to.type() + ": only an operator may use this");
            }
            if (to.type().equals("registry")) {
                own(caller, to.attributes().getOrDefault("ref", ""));
            }
        }
        for (ExportRequest export : exports) {
            export(caller, export);
        }
    }

    private static void option(String name, String value) {
        if (!OPTIONS.contains(name) && OPTION_PREFIXES.stream().noneMatch(name::startsWith)) {
            throw new Forbidden("the build has an option that is not allowed to developers: " + name);
        }
        if (name.equals("force-network-mode") && !NETWORKS.contains(value)) {
            throw new Forbidden("network " + value + ": only an operator may build in it");
        }
    }

    private static void label(Caller caller, String name, String value) {
        boolean own = name.equals(Caller.PROJECT_LABEL) && value.equals(caller.project());
        if (!own && Caller.isPlatformLabel(name)) {
            throw new Forbidden("label " + name + ": labels of this prefix are the platform's to set");
        }
    }

    private static void export(Caller caller, ExportRequest export) {
        Map<String, String> attributes = export.attributes();
        String names = attributes.getOrDefault("name", "");
        for (String name : names.isEmpty() ? new String[0] : names.split(",", -1)) {
            own(caller, name);
        }
        if (attributes.getOrDefault("registry.insecure", "false").equals("true")) {
            throw new Forbidden("registry.insecure: only an operator may do this");
        }
    }

    private static void own(Caller caller, String name) {
        ImageReference reference;
        try {
            reference = ImageReference.parse(name);
        } catch (IllegalArgumentException e) {
            throw new Forbidden("invalid image name \"" + name + "\": " + e.getMessage(), e);
        }
        caller.requireOwn(reference, name);
    }
}
