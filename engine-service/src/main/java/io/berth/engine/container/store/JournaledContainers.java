package io.berth.engine.container.store;

import io.berth.engine.container.ContainerSnapshot;
import io.berth.engine.container.ContainerStore;
import io.berth.engine.data.EngineProperties;
import io.berth.engine.runtime.ContainerId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.stereotype.Component;

/**
 * Containers in the engine's database, to which their changes come by way of a file (ADR 33): a client waits for one write, and
 * the database gets what is left of half a second's changes in one transaction. Of a container that came and went meanwhile it
 * never hears.
 *
 * <p>{@code <data-dir>/containers.changes} is what changed since; {@code containers.changes.old} is being brought into the
 * database. Both are read when the engine starts: bringing the same changes in twice does no harm. Thread-safe.
 */
@Component
final class JournaledContainers implements ContainerStore, DisposableBean {
    private static final Logger LOG = LoggerFactory.getLogger(JournaledContainers.class);
    private static final Duration GATHER = Duration.ofMillis(500);
    private static final Duration RETRY = Duration.ofSeconds(5);

    private final ContainerTable table;
    private final Path current;
    private final Path old;
    private final Duration gather;
    private final ScheduledThreadPoolExecutor worker;

    /** Held for the time of a write at most. */
    private final ReentrantLock lock = new ReentrantLock();

    /** Held while changes are brought into the database; taken before the other. */
    private final ReentrantLock settling = new ReentrantLock();

    private Map<String, Change> waiting = new LinkedHashMap<>();
    private Map<String, Change> leaving = Map.of();
    private @Nullable ChangeFile file;
    private boolean read;
    private boolean closed;

    @Autowired
    JournaledContainers(ContainerTable table, EngineProperties engine) {
        this(table, engine.dataDir(), GATHER);
    }

    /**
     * The same.
     *
     * @param gather how long changes wait for others before they are brought into the database
     */
    JournaledContainers(ContainerTable table, Path dataDirectory, Duration gather) {
        this.table = table;
        this.gather = gather;
        this.current = dataDirectory.resolve("containers.changes");
        this.old = dataDirectory.resolve("containers.changes.old");
        this.worker = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().daemon().name("containers-to-database").factory());
        worker.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    @Override
    public void insert(ContainerSnapshot container) {
        append(Change.created(container));
    }

    @Override
    public void updateState(ContainerSnapshot container) {
        append(Change.lived(container));
    }

    @Override
    public void update(ContainerSnapshot container) {
        append(Change.respecified(container));
    }

    @Override
    public void rename(ContainerId id, String name) {
        append(Change.renamed(id, name));
    }

    @Override
    public void delete(ContainerId id) {
        append(Change.deleted(id));
    }

    @Override
    public List<ContainerSnapshot> loadAll() {
        settle();
        return table.loadAll();
    }

    private void append(Change change) {
        lock.lock();
        try {
            readLeft();
            write(change);
            if (waiting.isEmpty()) {
                settleIn(gather);
            }
            ChangeFile.put(waiting, change);
        } catch (IOException e) {
            throw new DataAccessResourceFailureException("cannot record what becomes of container " + change.id(), e);
        } finally {
            lock.unlock();
        }
    }

    private void write(Change change) throws IOException {
        if (file == null) {
            file = ChangeFile.open(current);
        }
        try {
            file.append(change);
        } catch (IOException e) {
            // Whoever opens it next cuts off what is there of it.
            closeFile();
            throw e;
        }
    }

    private void closeFile() throws IOException {
        ChangeFile open = file;
        if (open != null) {
            file = null;
            open.close();
        }
    }

    /** What an engine that was killed has left comes before everything else. */
    private void readLeft() throws IOException {
        if (!read) {
            leaving = ChangeFile.read(old);
            waiting = ChangeFile.read(current);
            read = true;
            if (!leaving.isEmpty() || !waiting.isEmpty()) {
                settleIn(gather);
            }
        }
    }

    private void settleIn(Duration wait) {
        if (!closed) {
            var _ = worker.schedule(this::settleLater, wait.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private void settleLater() {
        try {
            settle();
        } catch (RuntimeException e) {
            LOG.atError().setCause(e).log("changes of containers are not in the database yet; tried again");
            settleIn(RETRY);
        }
    }

    /** Brings everything into the database. */
    private void settle() {
        settling.lock();
        try {
            while (takeWaiting()) {
                bringIn(leaving.values());
                Files.deleteIfExists(old);
                leaving = Map.of();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot put " + current + " aside", e);
        } finally {
            settling.unlock();
        }
    }

    private void bringIn(Collection<Change> changes) {
        try {
            table.apply(changes);
        } catch (DataIntegrityViolationException e) {
            LOG.atError().setCause(e).log("the database refuses changes of containers: each is tried by itself");
            bringInOneByOne(changes);
        }
    }

    /** One that the database will never take must not keep the others out, nor the engine from starting. */
    private void bringInOneByOne(Collection<Change> changes) {
        Collection<Change> left = changes;
        int before;
        do {
            // One may be in the way of another: of a name, for instance.
            before = left.size();
            left = left.stream().filter(change -> !broughtIn(change)).toList();
        } while (!left.isEmpty() && left.size() < before);
        left.forEach(
                change -> LOG.atError().addKeyValue("containerId", change.id()).log("a change of a container is lost"));
    }

    private boolean broughtIn(Change change) {
        try {
            table.apply(List.of(change));
            return true;
        } catch (DataIntegrityViolationException e) {
            LOG.atWarn().setCause(e).addKeyValue("containerId", change.id()).log("the database refuses a change");
            return false;
        }
    }

    /** Puts what waits aside, unless there is such already; false when there is nothing. Only the settling one calls it. */
    private boolean takeWaiting() throws IOException {
        lock.lock();
        try {
            readLeft();
            if (!leaving.isEmpty()) {
                return true;
            }
            if (waiting.isEmpty()) {
                return false;
            }
            closeFile();
            Files.move(current, old, StandardCopyOption.ATOMIC_MOVE);
            leaving = waiting;
            waiting = new LinkedHashMap<>();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** What cannot be brought into the database now is left to the next engine. */
    @Override
    public void destroy() {
        lock.lock();
        try {
            closed = true;
        } finally {
            lock.unlock();
        }
        worker.shutdown();
        try {
            settle();
        } catch (RuntimeException e) {
            LOG.atError().setCause(e).log("changes of containers are left to the next start");
        }
    }
}
