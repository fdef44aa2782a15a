package io.berth.image.cache;

import io.berth.archive.TreeUsage;
import io.berth.image.data.DataDirectory;
import io.berth.linux.fd.Directory;
import io.berth.linux.fd.DirectoryEntry;
import io.berth.linux.fd.FileStat;
import io.berth.oci.Digest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Directories of {@code RUN --mount=type=cache}, which outlive builds. What a user calls a cache never becomes a path: names
 * of directories are digests of it (CVE-2024-9675). Thread-safe.
 */
@Component
public final class CacheMounts {
    /** BuildKit's word for one. */
    static final String KIND = "exec.cachemount";

    private static final int NAME_LENGTH = 32;
    private static final String CONTENT = "content";
    private static final String ID = "id";
    private static final int MAX_ID = 4096;

    private final Path root;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition released = lock.newCondition();
    private final Map<String, Use> uses = new HashMap<>();

    CacheMounts(DataDirectory data) {
        this.root = data.buildCache();
    }

    /** How builds that run at the same time get on with one cache. */
    public enum Sharing {
        /** All use it. */
        SHARED,
        /** Each has its own. */
        PRIVATE,
        /** One after the other. */
        LOCKED
    }

    private static final class Use {
        private int users;
        private boolean exclusive;
    }

    /** A cache while somebody uses it; closing it lets go. */
    public record CacheMount(Path directory, Runnable letGo) implements AutoCloseable {
        @Override
        public void close() {
            letGo.run();
        }
    }

    /**
     * Takes a cache, which is made when there is none.
     *
     * @param fill gives a new cache what it begins with
     */
    public CacheMount take(String id, Sharing sharing, Consumer<Directory> fill) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            String name = reserve(id, sharing);
            try {
                make(name, id, fill);
            } catch (RuntimeException e) {
                letGo(name);
                throw e;
            }
            return new CacheMount(root.resolve(name).resolve(CONTENT), () -> letGo(name));
        } finally {
            lock.unlock();
        }
    }

    /** Whether there is a cache of this name. */
    public boolean exists(String id) {
        try (Directory all = Directory.open(root)) {
            return all.statIfPresent(name(id, 0)) != null;
        }
    }

    /** Takes a cache for oneself, if there is one. */
    public Optional<CacheMount> existing(String id) throws InterruptedException {
        return exists(id) ? Optional.of(take(id, Sharing.LOCKED, _ -> {})) : Optional.empty();
    }

    private String reserve(String id, Sharing sharing) throws InterruptedException {
        for (int number = 0; ; ) {
            String name = name(id, number);
            Use use = uses.computeIfAbsent(name, _ -> new Use());
            boolean free = use.users == 0 || (sharing == Sharing.SHARED && !use.exclusive);
            if (free) {
                use.users++;
                use.exclusive = sharing != Sharing.SHARED;
                return name;
            }
            if (sharing == Sharing.PRIVATE) {
                number++;
            } else {
                released.await();
            }
        }
    }

    private static String name(String id, int number) {
        return Digest.sha256((id + "\0" + number).getBytes(StandardCharsets.UTF_8))
                .hex()
                .substring(0, NAME_LENGTH);
    }

    private void make(String name, String id, Consumer<Directory> fill) {
        try (Directory all = Directory.open(root)) {
            if (all.statIfPresent(name) != null) {
                all.setTimes(name, null, Instant.now());
                return;
            }
            // Complete or not there at all: it is filled beside and renamed.
            String beside = name + ".new";
            all.deleteRecursively(beside);
            all.mkdir(beside, 0700);
            try (Directory made = all.openDirectory(beside)) {
                byte[] text = id.getBytes(StandardCharsets.UTF_8);
                try (var file = made.createFile(ID, 0600)) {
                    file.write(text, 0, Math.min(text.length, MAX_ID));
                }
                made.mkdir(CONTENT, 0755);
                made.chmod(CONTENT, 0755);
                try (Directory content = made.openDirectory(CONTENT)) {
                    fill.accept(content);
                }
            }
            all.rename(beside, all, name, Set.of());
        }
    }

    private void letGo(String name) {
        lock.lock();
        try {
            Use use = uses.get(name);
            if (use != null) {
                use.users--;
                if (use.users == 0) {
                    uses.remove(name);
                }
            }
            released.signalAll();
        } finally {
            lock.unlock();
        }
    }

    List<CacheRecord> list() {
        List<CacheRecord> found = new ArrayList<>();
        try (Directory all = Directory.open(root)) {
            for (DirectoryEntry entry : all.list()) {
                @Nullable CacheRecord one = entry.name().length() == NAME_LENGTH ? describe(all, entry.name()) : null;
                if (one != null) {
                    found.add(one);
                }
            }
        }
        return found;
    }

    private @Nullable CacheRecord describe(Directory all, String name) {
        FileStat stat = all.statIfPresent(name);
        if (stat == null) {
            return null;
        }
        String id = new String(all.readRegular(name + "/" + ID, MAX_ID), StandardCharsets.UTF_8);
        lock.lock();
        try {
            return new CacheRecord(
                    Digest.sha256(name.getBytes(StandardCharsets.UTF_8)).toString(),
                    KIND,
                    "cached mount " + id,
                    null,
                    name,
                    null,
                    TreeUsage.of(root.resolve(name).resolve(CONTENT)),
                    stat.changed(),
                    stat.modified(),
                    1,
                    uses.containsKey(name),
                    false);
        } finally {
            lock.unlock();
        }
    }

    /** Deletes a cache, unless somebody uses it. */
    boolean remove(String name) {
        lock.lock();
        try (Directory all = Directory.open(root)) {
            if (uses.containsKey(name)) {
                return false;
            }
            all.deleteRecursively(name);
            return true;
        } finally {
            lock.unlock();
        }
    }
}
