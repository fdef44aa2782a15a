package io.berth.image.build;

import io.berth.dockerfile.Stage;
import io.berth.image.caller.Caller;
import io.berth.json.Frozen;
import io.berth.node.BuildStep.Limits;
import io.berth.oci.Platform;
import io.berth.registryclient.RegistryCredentials;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What is to be built.
 *
 * @param dockerfile its text
 * @param target stage to build, by name or number; null is the last one
 * @param buildArgs values for ARG
 * @param labels of the image, beside those of the Dockerfile
 * @param noCache no step's result is taken from the cache
 * @param noCacheStages stages for which that holds, and for what others begin with them or mount of them; with {@link #noCache} and none
 *     here it holds for all
 * @param pull ask the registry for base images even when they are here
 * @param networkMode of RUN: {@code default}, {@code none}, {@code host} or the name of a network
 * @param extraHosts {@code name:address}
 * @param platform of the image; null is this machine's
 * @param entitlements of the client: {@link #HOST_NETWORK}, {@link #INSECURE}
 * @param sourceDateEpoch time of everything that the build writes down, and of files of its layers that would be younger; null for
 *     now
 * @param cacheFrom images whose builds have left a record of their steps ({@link CacheExchange})
 * @param caller who wants it: what is others' it does not begin with, and whose caches it has a part in
 * @param credentials for a registry's host, to pull base images
 */
public record BuildRequest(
        String dockerfile,
        @Nullable String target,
        Map<String, String> buildArgs,
        Map<String, String> labels,
        boolean noCache,
        Set<String> noCacheStages,
        boolean pull,
        String networkMode,
        List<String> extraHosts,
        Limits limits,
        @Nullable Platform platform,
        Set<String> entitlements,
        @Nullable Instant sourceDateEpoch,
        List<String> cacheFrom,
        Caller caller,
        Function<String, RegistryCredentials> credentials) {
    /** Entitlement to {@code RUN --network=host}. */
    public static final String HOST_NETWORK = "network.host";

    /** Entitlement to {@code RUN --security=insecure}. */
    public static final String INSECURE = "security.insecure";

    public BuildRequest {
        buildArgs = Collections.unmodifiableMap(new LinkedHashMap<>(buildArgs));
        labels = Collections.unmodifiableMap(new LinkedHashMap<>(labels));
        noCacheStages = Frozen.set(noCacheStages);
        extraHosts = List.copyOf(extraHosts);
        entitlements = Frozen.set(entitlements);
        cacheFrom = List.copyOf(cacheFrom);
    }

    /** Whether no step of this stage is to be taken from the cache. Names of stages are alike in upper and lower case. */
    boolean makesAgain(Stage stage) {
        return noCache && (noCacheStages.isEmpty() || noCacheStages.stream().anyMatch(stage.name()::equalsIgnoreCase));
    }
}
