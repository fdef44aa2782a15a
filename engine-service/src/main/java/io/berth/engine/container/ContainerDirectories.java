package io.berth.engine.container;

import io.berth.docker.container.HostConfig;
import io.berth.engine.data.EngineProperties;
import io.berth.engine.log.ContainerLog;
import io.berth.engine.log.LogInfo;
import io.berth.engine.quota.DiskQuotas;
import io.berth.engine.runtime.ContainerId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.springframework.stereotype.Component;

/** Where containers have their files: {@code <data-dir>/containers/<id>/}, mode 0700. */
@Component
public final class ContainerDirectories {
    private static final String PRIVATE = "rwx------";

    private final Path root;
    private final DiskQuotas quotas;

    public ContainerDirectories(EngineProperties engine, DiskQuotas quotas) {
        this.quotas = quotas;
        this.root = engine.dataDir().toAbsolutePath().normalize().resolve("containers");
    }

    /** The engine's data directory. */
    public Path dataDirectory() {
        return root.resolveSibling(".").normalize();
    }

    /** A container's directory. */
    public Path of(ContainerId id) {
        return root.resolve(id.value());
    }

    /** Makes the directory of all containers, and the engine's own its alone, whatever the umask was when it was made. */
    void prepare() {
        try {
            Files.createDirectories(root);
            Files.setPosixFilePermissions(dataDirectory(), PosixFilePermissions.fromString(PRIVATE));
            Files.setPosixFilePermissions(root, PosixFilePermissions.fromString(PRIVATE));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot prepare " + root, e);
        }
    }

    /**
     * Refuses a size that cannot be kept.
     *
     * @throws io.berth.docker.error.InvalidParameter in moby's words
     */
    void checkSize(HostConfig host) {
        if (StorageOptions.given(host)) {
            StorageOptions.check(host, quotas.supported());
        }
    }

    /** Makes a new container's directory. */
    void create(ContainerSpec spec) {
        Path directory = of(spec.containerId());
        long size = StorageOptions.sizeBytes(spec.hostConfig());
        try {
            Files.createDirectory(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(PRIVATE)));
            if (size > 0) {
                // For the writable layer, which the first start makes: logs do not count.
                quotas.reserve(directory, size);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot prepare the container's directory " + directory, e);
        }
    }

    /** The text files to be placed over the image's: path inside the container to path on the host. */
    Map<String, Path> textFiles(ContainerId id) {
        Path directory = of(id);
        return Map.of(
                "/etc/hostname", directory.resolve("hostname"),
                "/etc/hosts", directory.resolve("hosts"),
                "/etc/resolv.conf", directory.resolve("resolv.conf"));
    }

    /** The container's log. */
    ContainerLog log(ContainerSpec spec) {
        return ContainerLog.of(spec.hostConfig().logConfig(), spec.id(), of(spec.containerId()));
    }

    /** What the container's log driver is told. */
    LogInfo logInfo(ContainerSnapshot container) {
        ContainerSpec spec = container.spec();
        return new LogInfo(
                spec.id(),
                container.name(),
                spec.path(),
                spec.args(),
                spec.imageId(),
                spec.imageReference(),
                spec.created(),
                spec.env(),
                spec.labels(),
                of(spec.containerId()));
    }

    /** Directories of containers that are not among the known: left by an engine that was killed. */
    List<Path> orphans(Set<ContainerId> known) {
        return present().stream()
                .filter(name -> !known.contains(new ContainerId(name)))
                .map(root::resolve)
                .toList();
    }

    /** Names of all directories that are there, which are ids of containers. */
    public List<String> present() {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(root, "[0-9a-f]*")) {
            for (Path entry : entries) {
                String name = entry.getFileName().toString();
                if (ContainerId.isValid(name)) {
                    names.add(name);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list " + root, e);
        }
        return names;
    }
}
