package io.berth.engine.runtime.kernel;

import io.berth.engine.runtime.ContainerId;
import io.berth.linux.SyscallException;
import io.berth.linux.cgroup.Cgroup;
import io.berth.linux.cgroup.CgroupLimits;
import io.berth.linux.cgroup.Cgroups;
import io.berth.linux.cgroup.DevicePolicy;
import io.berth.linux.cgroup.OutOfMemoryWatch;
import io.berth.linux.poll.FdPoller;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The cgroups of containers: below the engine's own group, or below one that the user named.
 *
 * <p>A group below another parent could be anybody's, so for each of them a file that is named after the container tells the
 * parent. It is written before the group is made and deleted after the group is gone: whatever happens to the engine in
 * between, the next one finds the group. Thread-safe.
 */
final class ContainerCgroups implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ContainerCgroups.class);

    private final Cgroups own;
    private final Path records;
    private final Map<ContainerId, String> elsewhere = new ConcurrentHashMap<>();
    private final Map<ContainerId, OutOfMemoryWatch> watches = new ConcurrentHashMap<>();

    private ContainerCgroups(Cgroups own, Path records) {
        this.own = own;
        this.records = records;
    }

    /**
     * Prepares the engine's own group and reads the records.
     *
     * @param dataDirectory the engine's own
     */
    static ContainerCgroups open(Cgroups own, Path dataDirectory) {
        own.prepare();
        ContainerCgroups cgroups = new ContainerCgroups(own, dataDirectory.resolve("cgroup-parents"));
        cgroups.readRecords();
        return cgroups;
    }

    private void readRecords() {
        if (!Files.isDirectory(records)) {
            return;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(records)) {
            for (Path file : files) {
                elsewhere.put(new ContainerId(file.getFileName().toString()), Files.readString(file));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + records, e);
        }
    }

    /** The hierarchies and what the host can do. */
    Cgroups host() {
        return own;
    }

    /**
     * @param parent empty for the engine's own group
     * @throws IllegalArgumentException when the parent leads upwards
     */
    Cgroup create(ContainerId id, String parent, CgroupLimits limits, DevicePolicy devices) {
        if (parent.isEmpty()) {
            return own.create(id.value(), limits, devices);
        }
        Cgroups below = own.below(parent);
        record(id, parent);
        try {
            below.prepare();
            return below.create(id.value(), limits, devices);
        } catch (RuntimeException e) {
            forget(id);
            throw e;
        }
    }

    Optional<Cgroup> find(ContainerId id) {
        String parent = elsewhere.get(id);
        return (parent == null ? own : own.below(parent)).find(id.value());
    }

    /** As {@link io.berth.engine.runtime.ContainerRuntime#watchMemory}, until {@link #remove}. */
    void watchMemory(ContainerId id, FdPoller poller, Runnable listener) {
        try {
            find(id).flatMap(group -> group.watchMemory(poller, listener))
                    .map(begun -> watches.put(id, begun))
                    .ifPresent(OutOfMemoryWatch::close);
        } catch (SyscallException e) {
            LOG.atWarn()
                    .setCause(e)
                    .addKeyValue("containerId", id)
                    .log("a container's memory cannot be watched; what is killed is told at its end");
        }
    }

    /** Removes a container's group and kills what is left in it. */
    void remove(ContainerId id) {
        OutOfMemoryWatch watch = watches.remove(id);
        if (watch != null) {
            watch.close();
        }
        find(id).ifPresent(group -> {
            if (!group.remove()) {
                group.kill();
                group.remove();
            }
        });
        forget(id);
    }

    /** All containers that have a group, or had one when the engine was killed. */
    Set<ContainerId> ids() {
        Set<ContainerId> ids = new LinkedHashSet<>(elsewhere.keySet());
        own.names().forEach(name -> ids.add(new ContainerId(name)));
        return ids;
    }

    private void record(ContainerId id, String parent) {
        try {
            Files.createDirectories(records);
            Files.write(records.resolve(id.value()), parent.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + records.resolve(id.value()), e);
        }
        elsewhere.put(id, parent);
    }

    private void forget(ContainerId id) {
        if (elsewhere.remove(id) != null) {
            try {
                Files.deleteIfExists(records.resolve(id.value()));
            } catch (IOException e) {
                throw new UncheckedIOException("cannot delete " + records.resolve(id.value()), e);
            }
        }
    }

    /** Ends all watches; the groups stay. */
    @Override
    public void close() {
        watches.values().forEach(OutOfMemoryWatch::close);
        watches.clear();
    }
}
