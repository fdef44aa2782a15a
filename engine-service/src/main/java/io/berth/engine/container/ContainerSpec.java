package io.berth.engine.container;

import io.berth.docker.container.ContainerConfig;
import io.berth.docker.container.HostConfig;
import io.berth.engine.runtime.ContainerId;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;

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
        HostConfig hostConfig) {

    public ContainerSpec {
        layers = List.copyOf(layers);
        args = List.copyOf(args);
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

    List<Path> layerDirectories() {
        return layers.stream().map(Path::of).toList();
    }
}
