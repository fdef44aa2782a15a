package io.berth.engine.volume;

import io.berth.docker.error.ApiException;
import io.berth.docker.error.SystemFailure;
import io.berth.engine.data.EngineProperties;
import io.berth.linux.SyscallException;
import io.berth.linux.mount.DetachedMount;
import io.berth.linux.mount.MountInfo;
import io.berth.linux.mount.UnmountFlag;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * File systems that volumes' options name: mounted while containers use them.
 *
 * <p>They are in the host's mount table, at the volume's Mountpoint, unlike all else that Berth mounts. A mount that only a
 * descriptor of the engine held would go with a killed engine, and the next container would get another instance of it: a
 * tmpfs that two containers share would fall apart. When the engine starts, what no running container uses is unmounted.
 *
 * <p>Thread-safe; a mount that hangs (a server that does not answer) holds up its own volume only.
 */
@Component
final class VolumeMounts implements SmartLifecycle {
    private static final Logger LOG = LoggerFactory.getLogger(VolumeMounts.class);

    private final Path root;
    private final ConcurrentMap<String, Use> uses = new ConcurrentHashMap<>();
    /** A mount may block for minutes, and must not take a carrier of virtual threads along. */
    private final ExecutorService calls = Executors.newCachedThreadPool(
            Thread.ofPlatform().daemon().name("volume-mount-", 0).factory());

    private volatile boolean running;

    VolumeMounts(EngineProperties engine) {
        this.root = engine.dataDir().toAbsolutePath().normalize().resolve("volumes");
    }

    /** Who uses one volume now; its lock orders mount and unmount. */
    private static final class Use {
        private final ReentrantLock lock = new ReentrantLock();
        private final Set<String> users = new HashSet<>();
    }

    /**
     * Mounts for a user; for the second, it is mounted already.
     *
     * @throws SystemFailure when the kernel refuses
     */
    void acquire(String name, Path path, LocalOptions options, String user) {
        Use use = uses.computeIfAbsent(name, _ -> new Use());
        use.lock.lock();
        try {
            if (!isMounted(path)) {
                call(() -> mount(path, options));
            }
            use.users.add(user);
        } finally {
            use.lock.unlock();
        }
    }

    /** A user from before the engine started. */
    void resume(String name, String user) {
        Use use = uses.computeIfAbsent(name, _ -> new Use());
        use.lock.lock();
        try {
            use.users.add(user);
        } finally {
            use.lock.unlock();
        }
    }

    /** Unmounts when this was the last user. */
    void release(String name, Path path, String user) {
        Use use = uses.computeIfAbsent(name, _ -> new Use());
        use.lock.lock();
        try {
            if (use.users.remove(user) && use.users.isEmpty()) {
                call(() -> unmount(path));
            }
        } finally {
            use.lock.unlock();
        }
    }

    /** Unmounts what nobody uses, for a removal. */
    void unmountIdle(String name, Path path) {
        Use use = uses.computeIfAbsent(name, _ -> new Use());
        use.lock.lock();
        try {
            if (use.users.isEmpty() && isMounted(path)) {
                call(() -> unmount(path));
            }
        } finally {
            use.lock.unlock();
        }
        uses.remove(name, use);
    }

    private void call(Runnable nativeCall) {
        try {
            Object _ = calls.submit(nativeCall).get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof ApiException known) {
                throw known;
            }
            throw new SystemFailure("cannot mount: " + e.getCause(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SystemFailure("interrupted while mounting", e);
        }
    }

    private static void mount(Path path, LocalOptions options) {
        try (DetachedMount mount = LocalMount.of(options)) {
            mount.attachTo(path);
        } catch (SyscallException e) {
            throw LocalMount.failure(path, options, e);
        }
    }

    private static void unmount(Path path) {
        try {
            boolean _ = DetachedMount.unmount(path, Set.of(UnmountFlag.DETACH));
        } catch (SyscallException e) {
            throw new SystemFailure("error while unmounting volume path '" + path + "': " + e.getMessage(), e);
        }
    }

    private static boolean isMounted(Path path) {
        return MountInfo.ofSelf().stream().anyMatch(mount -> mount.mountPoint().equals(path.toString()));
    }

    /** After containers have been recovered, and those started that are to be. */
    @Override
    public int getPhase() {
        return 1;
    }

    /** Unmounts what containers used that have ended while no engine was there. */
    @Override
    public void start() {
        for (MountInfo mount : MountInfo.ofSelf()) {
            Path path = Path.of(mount.mountPoint());
            if (path.startsWith(root) && path.getNameCount() > root.getNameCount()) {
                String name = path.getName(root.getNameCount()).toString();
                LOG.atDebug().addKeyValue("volume", name).log("a volume is mounted");
                try {
                    unmountUnused(name, path);
                } catch (SystemFailure e) {
                    LOG.atWarn().setCause(e).addKeyValue("volume", name).log("left-over mount not removed");
                }
            }
        }
        running = true;
    }

    private void unmountUnused(String name, Path path) {
        Use use = uses.computeIfAbsent(name, _ -> new Use());
        use.lock.lock();
        try {
            if (use.users.isEmpty()) {
                call(() -> unmount(path));
            }
        } finally {
            use.lock.unlock();
        }
    }

    /** Containers go on, and what they use stays mounted. */
    @Override
    public void stop() {
        running = false;
    }

    @Override
    public boolean isRunning() {
        return running;
    }
}
