package io.berth.buildkit;

import io.berth.json.Frozen;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A build of a Dockerfile, as the options of BuildKit's frontend {@code dockerfile.v0} describe it (moby/buildkit:
 * frontend/dockerui/config.go). The accessors read the attributes; {@link #attributes} has them all.
 *
 * @param ref the client's name of the build: letters, digits, {@code -}, {@code _} and {@code .}, at most 128, safe as a
 *     file's name
 * @param attributes the frontend's options in alphabetical order, such as {@code filename}, {@code target}, {@code
 *     build-arg:NAME}, {@code platform}
 * @param cacheImports where cache of earlier builds may be taken from, most wanted first
 * @param cacheExports where this build's cache is to go to
 * @param entitlements what the user has granted: {@code network.host}, {@code security.insecure}
 */
public record BuildRequest(
        String ref,
        Map<String, String> attributes,
        List<CacheOption> cacheImports,
        List<CacheOption> cacheExports,
        Set<String> entitlements) {

    public BuildRequest {
        attributes = Collections.unmodifiableMap(new TreeMap<>(attributes));
        cacheImports = List.copyOf(cacheImports);
        cacheExports = List.copyOf(cacheExports);
        entitlements = Frozen.set(entitlements);
    }

    /** An option of the frontend, or null. */
    public @Nullable String attribute(String name) {
        return attributes.get(name);
    }

    /** An option of the frontend, or what it is when it is absent or empty. */
    public String attribute(String name, String absent) {
        String value = attributes.getOrDefault(name, "");
        return value.isEmpty() ? absent : value;
    }

    /** The options whose names begin with a prefix, without it. */
    public Map<String, String> attributesBehind(String prefix) {
        Map<String, String> found = new LinkedHashMap<>();
        attributes.forEach((name, value) -> {
            if (name.startsWith(prefix)) {
                found.put(name.substring(prefix.length()), value);
            }
        });
        return found;
    }

    /** {@code --build-arg}, by name. */
    public Map<String, String> buildArguments() {
        return attributesBehind("build-arg:");
    }

    /** {@code --label}, by name. */
    public Map<String, String> labels() {
        return attributesBehind("label:");
    }

    /**
     * {@code --build-context NAME=…}, by name: {@code local:LOCALNAME}, {@code docker-image://REF}, {@code oci-layout://…}
     * or an URL. Names with a platform are {@code NAME::linux/amd64}.
     */
    public Map<String, String> namedContexts() {
        return attributesBehind("context:");
    }

    /** {@code --provenance}, {@code --sbom} and {@code --attest}, by type: {@code provenance → mode=max}. */
    public Map<String, String> attestations() {
        return attributesBehind("attest:");
    }

    /** The Dockerfile's path below its directory. */
    public String filename() {
        return attribute("filename", "Dockerfile");
    }

    /** The stage to build, or null for the last one. */
    public @Nullable String target() {
        String target = attributes.getOrDefault("target", "");
        return target.isEmpty() ? null : target;
    }

    /** The URL of the context (git, http), or null when the client sends the directory {@link #contextLocalName}. */
    public @Nullable String remoteContext() {
        return attributes.get("context");
    }

    /** The client's local directory that is the context. */
    public String contextLocalName() {
        return attribute("contextkey", "context");
    }

    /** The client's local directory that has the Dockerfile and its ignore file. */
    public String dockerfileLocalName() {
        return attribute("dockerfilekey", "dockerfile");
    }

    /** The platforms to build for, such as {@code linux/amd64}; empty for the worker's own. */
    public List<String> platforms() {
        return commaSeparated("platform");
    }

    /** Whether no step may come from the cache. */
    public boolean noCache() {
        return attributes.containsKey("no-cache") && commaSeparated("no-cache").isEmpty();
    }

    /** The stages whose steps may not come from the cache; empty for none, or all of them with {@link #noCache}. */
    public List<String> noCacheStages() {
        return commaSeparated("no-cache");
    }

    /** Whether images are looked up at their registry even where there is one of that name here ({@code --pull}). */
    public boolean pull() {
        return attributes.getOrDefault("image-resolve-mode", "").equals("pull");
    }

    private List<String> commaSeparated(String name) {
        String value = attributes.getOrDefault(name, "");
        return value.isEmpty() ? List.of() : List.of(value.split(","));
    }
}
