package io.berth.engine.volume;

import io.berth.docker.LabelBounds;
import io.berth.docker.error.Conflict;
import io.berth.docker.error.Forbidden;
import io.berth.docker.error.InvalidParameter;
import io.berth.docker.error.NotFound;
import io.berth.docker.volume.VolumeResponse;
import io.berth.engine.caller.Caller;
import io.berth.engine.caller.Callers;
import io.berth.engine.event.EngineEvents;
import io.berth.engine.kept.KeptDefinitions;
import io.berth.engine.kept.Kind;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * All volumes of this node.
 *
 * <p>Thread-safe. One lock orders creations and removals; reading never takes it. What returns has been written: a volume
 * survives a kill -9 of the engine from its creation on, and a removed one does not come back.
 */
@Component
public final class Volumes {
    private static final Logger LOG = LoggerFactory.getLogger(Volumes.class);
    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]+");
    private static final int MAX_NAME_LENGTH = 255;

    private final VolumeStore store;
    private final VolumeDirectories directories;
    private final VolumeUsers users;
    private final VolumeMounts mounts;
    private final EngineEvents events;
    private final KeptDefinitions kept;
    private final ConcurrentSkipListMap<String, Volume> byName = new ConcurrentSkipListMap<>();
    private final Map<String, Set<String>> heldBy = new HashMap<>();

    /** Names of volumes by the container for which they were made and which is not there yet. */
    private final Map<String, Set<String>> madeFor = new HashMap<>();

    private final ReentrantLock lock = new ReentrantLock();

    Volumes(
            VolumeStore store,
            VolumeDirectories directories,
            VolumeUsers users,
            VolumeMounts mounts,
            EngineEvents events,
            KeptDefinitions kept) {
        this.store = store;
        this.directories = directories;
        this.users = users;
        this.mounts = mounts;
        this.events = events;
        this.kept = kept;
    }

    /**
     * A volume to be made.
     *
     * @param name empty for a generated one
     * @param driver empty for the default
     */
    public record Order(
            String name,
            String driver,
            @Nullable Map<String, String> options,
            @Nullable Map<String, String> labels) {
        /** A volume of a container's that nobody has named. */
        public static Order anonymous(String driver) {
            return new Order("", driver, null, null);
        }
    }

    /**
     * Makes a volume; one that exists is returned as it is.
     *
     * @throws InvalidParameter when name or options are wrong
     * @throws NotFound when there is no such driver
     * @throws Forbidden when one of the name exists and is not there for the present caller
     * @throws Conflict when those that are kept take too much memory
     */
    public Volume create(Order order) {
        return create(order, null);
    }

    /**
     * The same, and holds it for a container that is being created: it cannot be removed before
     * {@link #letGo}.
     */
    public Volume create(Order order, @Nullable String containerId) {
        if (!order.driver().isEmpty() && !order.driver().equals(Volume.DRIVER)) {
            String text = "error looking up volume plugin " + order.driver() + ": plugin \"" + order.driver()
                    + "\" not found";
            throw new NotFound(order.name().isEmpty() ? "create: " + text : "create " + order.name() + ": " + text);
        }
        boolean anonymous = order.name().isEmpty();
        String name = anonymous ? randomName() : order.name();
        return exclusively(() -> {
            Caller caller = Callers.current();
            @Nullable Volume existing = byName.get(name);
            if (existing != null && !caller.sees(existing.labelsOrNone())) {
                throw new Forbidden("the volume name is taken by another project: " + name);
            }
            Volume volume = existing == null
                    ? add(
                            name,
                            order.options(),
                            caller.own(anonymous ? withAnonymousLabel(order.labels()) : order.labels()),
                            anonymous ? containerId : null)
                    : existing;
            if (containerId != null) {
                addHolder(name, containerId);
                if (existing == null) {
                    madeFor.computeIfAbsent(containerId, _ -> new HashSet<>()).add(name);
                }
            }
            return volume;
        });
    }

    private Volume add(
            String name,
            @Nullable Map<String, String> options,
            @Nullable Map<String, String> labels,
            @Nullable String madeFor) {
        LocalOptions parsed;
        try {
            checkName(name);
            LabelBounds.check(labels, "labels");
            LabelBounds.check(options, "options");
            parsed = LocalOptions.parse(options);
            if (parsed.sizeBytes() > 0 && !directories.canLimit()) {
                throw LocalOptions.noQuota();
            }
        } catch (InvalidParameter e) {
            throw new InvalidParameter("create " + name + ": " + e.text(), e);
        }
        Volume volume = new Volume(name, labels, options, Instant.now().truncatedTo(ChronoUnit.MICROS));
        kept.put(Kind.VOLUME, name, volume.labelsOrNone(), volume);
        try {
            directories.create(name, parsed);
            store.insert(volume, madeFor);
        } catch (RuntimeException e) {
            kept.remove(Kind.VOLUME, name);
            throw e;
        }
        byName.put(name, volume);
        publish("create", volume);
        return volume;
    }

    private static void checkName(String name) {
        if (name.length() == 1) {
            throw new InvalidParameter(
                    "volume name is too short, names should be at least two alphanumeric characters");
        }
        if (name.length() > MAX_NAME_LENGTH || !NAME.matcher(name).matches()) {
            throw new InvalidParameter("\"" + name + "\" includes invalid characters for a local volume name, only"
                    + " \"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed. If you intended to pass a host directory, use"
                    + " absolute path");
        }
    }

    private static String randomName() {
        byte[] bytes = new byte[32];
        ThreadLocalRandom.current().nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    private static Map<String, String> withAnonymousLabel(@Nullable Map<String, String> labels) {
        Map<String, String> all = new HashMap<>(labels == null ? Map.of() : labels);
        all.put(Volume.ANONYMOUS_LABEL, "");
        return all;
    }

    /**
     * Holds a volume that must exist for a container that is being created.
     *
     * @throws NoSuchVolume when it does not exist
     */
    public Volume hold(String name, String containerId) {
        return exclusively(() -> {
            Volume volume = given(name);
            addHolder(name, containerId);
            return volume;
        });
    }

    private void addHolder(String name, String containerId) {
        heldBy.computeIfAbsent(name, _ -> new HashSet<>()).add(containerId);
    }

    /** The container exists now, and its spec tells which volumes it uses; or it could not be created. */
    public void letGo(String containerId) {
        exclusively(() -> {
            heldBy.values().forEach(holders -> holders.remove(containerId));
            heldBy.values().removeIf(Set::isEmpty);
            madeFor.remove(containerId);
            return true;
        });
    }

    /** The container could not be created: volumes that were made for it go as well, unless others have begun to use them. */
    public void abandon(String containerId) {
        Set<String> made = exclusively(() -> {
            heldBy.values().forEach(holders -> holders.remove(containerId));
            heldBy.values().removeIf(Set::isEmpty);
            return madeFor.getOrDefault(containerId, Set.of());
        });
        made.forEach(this::removeUnlessUsed);
        exclusively(() -> madeFor.remove(containerId));
    }

    /**
     * Removes a volume with its files when it is there and no container uses it.
     *
     * @return whether it is gone
     */
    public boolean removeUnlessUsed(String name) {
        @Nullable Volume known = byName.get(name);
        try {
            if (known != null) {
                remove(known);
            }
            return true;
        } catch (Conflict e) {
            LOG.atDebug().setCause(e).addKeyValue("volume", name).log("volume kept: it is in use");
            return false;
        }
    }

    /** What was made for a container alone stays when it is removed. To be called before it is. */
    public void keepOwned(String containerId) {
        store.disown(containerId);
    }

    /**
     * Removes what was made for containers that do not exist: an engine was killed while it created or removed them.
     *
     * @param containerIds of those that do
     */
    public void removeOwnerless(Set<String> containerIds) {
        store.owned().forEach((name, containerId) -> {
            if (!containerIds.contains(containerId) && removeUnlessUsed(name)) {
                LOG.atInfo().addKeyValue("volume", name).log("left-over volume removed");
            }
        });
    }

    /**
     * A volume that is there for the present caller.
     *
     * @throws NoSuchVolume when there is none of this name
     */
    public Volume find(String name) {
        Volume volume = given(name);
        if (!Callers.current().sees(volume.labelsOrNone())) {
            throw new NoSuchVolume(name);
        }
        return volume;
    }

    /**
     * A volume that a container has. While there is the container nobody removes the volume, so that its name is no other's.
     *
     * @throws NoSuchVolume when there is none of this name
     */
    public Volume given(String name) {
        @Nullable Volume volume = byName.get(name);
        if (volume == null) {
            throw new NoSuchVolume(name);
        }
        return volume;
    }

    /** All of them by name. */
    public Collection<Volume> all() {
        return byName.values();
    }

    /** Directories that belong to no volume, or to one that is being removed. */
    public List<Path> strays() {
        Set<String> present = new HashSet<>(directories.present());
        present.removeAll(byName.keySet());
        List<Path> strays = new ArrayList<>();
        present.forEach(name -> strays.add(directories.of(name)));
        directories.retired().forEach(name -> strays.add(directories.ofRetired(name)));
        return strays;
    }

    /** Where a volume's files are on the host; nothing may be mounted there yet. */
    public Path path(Volume volume) {
        return directories.data(volume.name());
    }

    /**
     * Has a volume's files where {@link #path} says until {@link #endUse}: makes a directory that was deleted behind the
     * engine's back, and mounts what the volume's options name.
     *
     * @param user unique among those who use it at the same time
     * @throws io.berth.docker.error.SystemFailure when it cannot be mounted
     */
    public Path beginUse(Volume volume, String user) {
        LocalOptions options = volume.localOptions();
        directories.create(volume.name(), options);
        Path path = directories.data(volume.name());
        if (options.needsMount()) {
            mounts.acquire(volume.name(), path, options, user);
        }
        return path;
    }

    /** A container that has been using a volume since before the engine started goes on using it. */
    public void resumeUse(Volume volume, String user) {
        if (volume.localOptions().needsMount()) {
            mounts.resume(volume.name(), user);
        }
    }

    /** Unmounts what the last user needed. Does nothing for one who did not use it. */
    public void endUse(Volume volume, String user) {
        if (volume.localOptions().needsMount()) {
            mounts.release(volume.name(), directories.data(volume.name()), user);
        }
    }

    /**
     * Removes a volume with its files.
     *
     * @param force a volume that does not exist is fine
     * @throws NoSuchVolume when it does not exist
     * @throws Conflict when containers use it, also with force
     */
    public void remove(String name, boolean force) {
        @Nullable Volume known = byName.get(name);
        if (known == null || !Callers.current().sees(known.labelsOrNone())) {
            if (force) {
                return;
            }
            throw new NoSuchVolume(name);
        }
        remove(known);
    }

    private void remove(Volume known) {
        if (retire(known)) {
            directories.delete(known.name());
            publish("destroy", known);
        }
    }

    /** Whether it was there. */
    private boolean retire(Volume volume) {
        String name = volume.name();
        return exclusively(() -> {
            if (!volume.equals(byName.get(name))) {
                return false;
            }
            Set<String> using = using(name);
            if (!using.isEmpty()) {
                throw new Conflict(
                        "remove " + name + ": volume is in use - [" + String.join(", ", users.shown(using)) + "]");
            }
            mounts.unmountIdle(name, directories.data(name));
            directories.retire(name);
            store.delete(name);
            byName.remove(name);
            kept.remove(Kind.VOLUME, name);
            return true;
        });
    }

    /** Ids of the containers that use a volume, or are being created with it. */
    Set<String> using(String name) {
        Set<String> using = new TreeSet<>();
        @Nullable SortedSet<String> containers = users.byVolume().get(name);
        using.addAll(containers == null ? Set.of() : containers);
        exclusively(() -> using.addAll(heldBy.getOrDefault(name, Set.of())));
        return using;
    }

    /** The same for all volumes that are used at all. */
    Map<String, Set<String>> using() {
        Map<String, Set<String>> using = new HashMap<>();
        users.byVolume().forEach((name, containers) -> using.put(name, new HashSet<>(containers)));
        exclusively(() -> {
            heldBy.forEach((name, holders) ->
                    using.computeIfAbsent(name, _ -> new HashSet<>()).addAll(holders));
            return true;
        });
        return using;
    }

    /** Bytes of a volume's files. */
    long size(Volume volume) {
        return directories.size(volume.name());
    }

    /**
     * Sizes and users of the volumes that are plain directories of this node, for disk usage: what is mounted from
     * elsewhere takes no space here.
     */
    public List<VolumeResponse> usage() {
        Map<String, Set<String>> using = using();
        return byName.values().stream()
                .filter(volume -> !volume.hasOptions())
                .map(volume -> VolumeViews.response(
                        volume,
                        path(volume),
                        new VolumeResponse.UsageData(
                                size(volume),
                                using.getOrDefault(volume.name(), Set.of()).size())))
                .toList();
    }

    /**
     * Reads what exists, before any container is looked at. A directory without a row, of an engine that was killed in the
     * middle of a creation, goes when it is empty; one with files in it becomes a volume, since files are never guessed
     * away.
     */
    void recover() {
        directories.prepare();
        for (Volume volume : store.loadAll()) {
            if (directories.isRetired(volume.name())) {
                store.delete(volume.name());
            } else {
                load(volume);
            }
        }
        directories.retired().forEach(directories::delete);
        for (String name : directories.present()) {
            if (byName.containsKey(name) || !NAME.matcher(name).matches()) {
                continue;
            }
            if (directories.isEmpty(name)) {
                directories.retire(name);
                directories.delete(name);
            } else {
                Volume adopted = new Volume(name, null, null, Instant.now().truncatedTo(ChronoUnit.MICROS));
                store.insert(adopted, null);
                load(adopted);
            }
        }
    }

    private void load(Volume volume) {
        kept.load(Kind.VOLUME, volume.name(), volume.labelsOrNone(), volume);
        byName.put(volume.name(), volume);
    }

    private void publish(String action, Volume volume) {
        events.publish("volume", action, volume.name(), Map.of("driver", Volume.DRIVER));
    }

    private <T> T exclusively(Supplier<T> change) {
        lock.lock();
        try {
            return change.get();
        } finally {
            lock.unlock();
        }
    }
}
