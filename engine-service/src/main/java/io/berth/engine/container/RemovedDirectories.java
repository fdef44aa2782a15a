package io.berth.engine.container;

import io.berth.docker.error.SystemFailure;
import io.berth.engine.runtime.ContainerRuntime;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.stereotype.Component;

/**
 * Deletes the files of containers that the database has forgotten, while their users go on: what a container leaves is of
 * any size, and a file system that is busy takes milliseconds for each directory. What fails is tried again ({@link LeftOvers}); what is not done when the engine
 * ends is done by the next one ({@link RecoverContainers}). Thread-safe.
 */
@Component
final class RemovedDirectories implements DisposableBean {
    private static final Logger LOG = LoggerFactory.getLogger(RemovedDirectories.class);

    /** Beyond these whoever removes one more waits for it: disk must not be taken faster than it is given back. */
    private static final int MOST_WAITING = 64;

    private static final long IDLE_SECONDS = 10;
    private static final long STOP_SECONDS = 10;

    private final ContainerRuntime runtime;
    private final Containers containers;
    private final LeftOvers leftOvers;
    private final Semaphore places = new Semaphore(MOST_WAITING);
    private final ExecutorService worker;

    RemovedDirectories(ContainerRuntime runtime, Containers containers, LeftOvers leftOvers) {
        this.runtime = runtime;
        this.containers = containers;
        this.leftOvers = leftOvers;
        ThreadPoolExecutor one = new ThreadPoolExecutor(
                1,
                1,
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                Thread.ofPlatform().daemon().name("removed-containers").factory());
        one.allowCoreThreadTimeOut(true);
        this.worker = one;
    }

    /**
     * Deletes a container's directory now or soon.
     *
     * @throws SystemFailure when it was tried now and failed
     */
    void delete(Container container) {
        if (!places.tryAcquire()) {
            deleteNow(container);
            return;
        }
        soon(() -> {
            try {
                deleteNow(container);
            } catch (SystemFailure e) {
                LOG.atError()
                        .setCause(e)
                        .addKeyValue("containerId", container.id())
                        .log("tried again later");
            }
        });
    }

    /**
     * Clears away now or soon what something leaves that the database has never known.
     *
     * @param work deletes it; what it throws is not told anybody
     */
    void clear(Runnable work) {
        if (places.tryAcquire()) {
            soon(work);
        } else {
            work.run();
        }
    }

    private void soon(Runnable work) {
        worker.execute(() -> {
            try {
                work.run();
            } finally {
                places.release();
            }
        });
    }

    private void deleteNow(Container container) {
        try {
            runtime.deleteDirectory(container.directory());
        } catch (RuntimeException e) {
            leftOvers.clearLater();
            throw new SystemFailure("unable to remove filesystem for " + container.id() + ": " + e.getMessage(), e);
        } finally {
            containers.removed(container);
        }
    }

    @Override
    public void destroy() throws InterruptedException {
        worker.shutdown();
        if (!worker.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS)) {
            LOG.atInfo().log("files of removed containers are left to the next start");
        }
    }
}
