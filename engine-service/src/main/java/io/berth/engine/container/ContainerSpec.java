package io.berth.engine.container;

import io.berth.docker.container.ContainerConfig;
import io.berth.docker.container.HostConfig;
import io.berth.docker.network.EndpointConfig;
import io.berth.engine.mount.ContainerMount;
import io.berth.engine.network.GivenNames;
import io.berth.engine.runtime.ContainerId;
import io.berth.engine.runtime.Isolation.IdRange;
import io.berth.engine.secret.SecretUse;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a container is made of: fixed at create, and kept as one JSON document.
 *
 * @param id 64 hex digits
 * @param imageId digest of the image's configuration
 * @param imageReference the image as the user wrote it
 * @param layers directories of the image's layers, absolute, bottom first
 * @param path the program
 * @param args its arguments
 * @param config with the image's defaults merged in
 * @param mounts what is mounted, by destination; beside HostConfig.Tmpfs
 * @param users the range of user ids that is the container's own; null for the host's ids
 * @param networks that it is connected to when it runs, in the order of its interfaces, by name; empty for one that shares
 *     another's
 * @param given what the names in its settings stood for when it was given them
 * @param secretIds ids of its secrets and configs by how its annotations name them, see {@link SecretUse#key()}
 */
public record ContainerSpec(
        String id,
        Instant created,
        String imageId,
        String imageReference,
        List<String> layers,
        String path,
        List<String> args,
        ContainerConfig config,
        HostConfig hostConfig,
        List<ContainerMount> mounts,
        @Nullable IdRange users,
        Map<String, EndpointConfig> networks,
        GivenNames given,
        Map<String, String> secretIds) {

    @SuppressWarnings("ConstantValue") // a spec that was written before there were mounts or networks has none
    public ContainerSpec {
        layers = List.copyOf(layers);
        args = List.copyOf(args);
        mounts = mounts == null ? List.of() : List.copyOf(mounts);
        networks = networks == null
                ? NetworkChoice.ofMode(hostConfig.networkMode())
                : Collections.unmodifiableMap(new LinkedHashMap<>(networks));
        given = given == null ? GivenNames.NONE : given;
        secretIds = secretIds == null ? Map.of() : Map.copyOf(secretIds);
    }

    public ContainerId containerId() {
        return new ContainerId(id);
    }

    public Map<String, String> labels() {
        return config.labels() == null ? Map.of() : config.labels();
    }

    public List<String> env() {
        return config.env() == null ? List.of() : config.env();
    }

    /** Secrets and configs that it has as files. */
    List<SecretUse> secrets() {
        return SecretUse.of(hostConfig.annotations()).stream()
                .map(use -> use.withId(secretIds.getOrDefault(use.key(), "")))
                .toList();
    }

    ContainerSpec with(HostConfig changed) {
        return new ContainerSpec(
                id,
                created,
                imageId,
                imageReference,
                layers,
                path,
                args,
                config,
                changed,
                mounts,
                users,
                networks,
                given,
                secretIds);
    }

    ContainerSpec withNetworks(Map<String, EndpointConfig> changed, GivenNames names) {
        return new ContainerSpec(
                id,
                created,
                imageId,
                imageReference,
                layers,
                path,
                args,
                config,
                hostConfig,
                mounts,
                users,
                changed,
                names,
                secretIds);
    }

    public List<Path> layerDirectories() {
        return layers.stream().map(Path::of).toList();
    }
}
