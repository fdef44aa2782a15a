package io.berth.linux.process;

import io.berth.linux.poll.FdPoller;
import io.berth.linux.poll.FdWatch;
import io.berth.linux.poll.Interest;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * Tells when processes end, each by its own pidfd, with one thread for all. Thread-safe.
 *
 * <p>A child is reaped here. For a process that is not a child, as after a restart of this one, see
 * {@link Pidfd#exitStatus}.
 */
public final class ExitWatcher {
    /** How long a process that has ended may wait for its own parent to reap it before its status counts as unknown. */
    private static final long REAPED_BY_OTHER_MILLIS = 1000;

    private static final long RETRY_MILLIS = 5;

    private final FdPoller poller;
    private final Executor receivers;

    /**
     * Uses a poller that others use too.
     *
     * @param receivers runs what callers attach to their futures; the poller's thread must not
     */
    public ExitWatcher(FdPoller poller, Executor receivers) {
        this.poller = poller;
        this.receivers = receivers;
    }

    /**
     * Completes when the process has ended. The pidfd stays the caller's, who keeps it open until then. Cancelling the
     * future does not end the watch; closing the poller does.
     */
    public CompletableFuture<ExitStatus> onExit(Pidfd pidfd) {
        var exit = new CompletableFuture<ExitStatus>();
        FdWatch watch = poller.watchLater(pidfd.fd(), Interest.READABLE, (self, readiness) -> {
            Optional<ExitStatus> status;
            try {
                status = pidfd.exitStatus();
            } catch (RuntimeException e) {
                self.close();
                receivers.execute(() -> exit.completeExceptionally(e));
                return;
            }
            // Closed first: whoever waits for the future may close the pidfd.
            self.close();
            if (status.isPresent()) {
                receivers.execute(() -> exit.complete(status.get()));
            } else {
                awaitReaping(pidfd, exit, System.nanoTime());
            }
        });
        watch.resume();
        return exit;
    }

    private void awaitReaping(Pidfd pidfd, CompletableFuture<ExitStatus> exit, long since) {
        CompletableFuture.delayedExecutor(RETRY_MILLIS, TimeUnit.MILLISECONDS, receivers)
                .execute(() -> {
                    try {
                        Optional<ExitStatus> status = pidfd.exitStatus();
                        if (status.isPresent()) {
                            exit.complete(status.get());
                        } else if (System.nanoTime() - since > TimeUnit.MILLISECONDS.toNanos(REAPED_BY_OTHER_MILLIS)) {
                            exit.complete(new ExitStatus.Unknown());
                        } else {
                            awaitReaping(pidfd, exit, since);
                        }
                    } catch (RuntimeException e) {
                        exit.completeExceptionally(e);
                    }
                });
    }
}
