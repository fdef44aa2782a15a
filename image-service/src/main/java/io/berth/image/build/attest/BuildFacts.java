package io.berth.image.build.attest;

import io.berth.image.build.Material;
import io.berth.oci.Platform;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a build that was done.
 *
 * @param invocationId names the build
 * @param attributes the frontend's, as the client gave them
 * @param filename of the Dockerfile
 * @param dockerfile its text
 * @param remoteContext its address, or null for a directory of the client's
 * @param localNames directories of the client's that were used
 * @param secrets ids that were used
 * @param agents ids of SSH agents that were used
 * @param materials what it was made of
 * @param platform what it ran on
 */
public record BuildFacts(
        String invocationId,
        Map<String, String> attributes,
        String filename,
        String dockerfile,
        @Nullable String remoteContext,
        Set<String> localNames,
        Set<String> secrets,
        Set<String> agents,
        List<Material> materials,
        Platform platform,
        Instant started,
        Instant finished) {
    public BuildFacts {
        attributes = Collections.unmodifiableMap(new TreeMap<>(attributes));
        localNames = Collections.unmodifiableSet(new TreeSet<>(localNames));
        secrets = Collections.unmodifiableSet(new TreeSet<>(secrets));
        agents = Collections.unmodifiableSet(new TreeSet<>(agents));
        materials = List.copyOf(materials);
    }
}
