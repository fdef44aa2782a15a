package io.berth.engine.container;

import io.berth.engine.runtime.ContainerProcess.Exit;
import io.berth.linux.process.ProcessIdentity;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What changes in a container's life.
 *
 * @param process its first process, while it runs
 * @param bootId the boot of the machine in which the process was started; empty when it does not run
 * @param exitCode of the last run, as Docker gives it
 * @param error why the last start failed, or why the exit code is not the process's; else empty
 * @param startedAt null when never
 * @param finishedAt null when never
 * @param restartCount how often the restart policy has decided to start it since a user did
 * @param stoppedByUser whether a user ended the last run; the restart policies look at it
 * @param restartDelay how long the restart policy waited before this run, or waits now; zero when a user started it
 */
public record ContainerState(
        ContainerStatus status,
        @Nullable ProcessIdentity process,
        String bootId,
        int exitCode,
        String error,
        boolean oomKilled,
        @Nullable Instant startedAt,
        @Nullable Instant finishedAt,
        int restartCount,
        boolean stoppedByUser,
        Duration restartDelay) {

    /** Docker's exit code where the kernel could not tell the true one. */
    private static final int UNKNOWN_EXIT_CODE = 255;

    /** Just created. */
    public static final ContainerState CREATED =
            new ContainerState(ContainerStatus.CREATED, null, "", 0, "", false, null, null, 0, false, Duration.ZERO);

    /** Whether a start is pointless: it runs, or the restart policy will soon start it. */
    public boolean running() {
        return status == ContainerStatus.RUNNING
                || status == ContainerStatus.PAUSED
                || status == ContainerStatus.RESTARTING;
    }

    /**
     * @param byPolicy whether the restart policy has started it, and not a user
     */
    ContainerState started(ProcessIdentity identity, String boot, Instant at, boolean byPolicy) {
        return new ContainerState(
                ContainerStatus.RUNNING,
                identity,
                boot,
                0,
                "",
                false,
                at,
                finishedAt,
                byPolicy ? restartCount : 0,
                false,
                byPolicy ? restartDelay : Duration.ZERO);
    }

    /** The start failed: Docker leaves the status as it was. */
    ContainerState startFailed(int code, String why) {
        ContainerStatus after = status == ContainerStatus.RESTARTING ? ContainerStatus.EXITED : status;
        return new ContainerState(
                after,
                null,
                "",
                code,
                why,
                oomKilled,
                startedAt,
                finishedAt,
                restartCount,
                stoppedByUser,
                restartDelay);
    }

    /**
     * @param next how long the restart policy will wait before it starts it again; empty when it will not
     */
    ContainerState ended(Exit exit, boolean outOfMemory, boolean byUser, Optional<Duration> next) {
        boolean unknown = exit.code() == Exit.UNKNOWN;
        return new ContainerState(
                next.isPresent() ? ContainerStatus.RESTARTING : ContainerStatus.EXITED,
                null,
                "",
                unknown ? UNKNOWN_EXIT_CODE : exit.code(),
                unknown ? "exit status unknown: the process ended while no engine was watching" : "",
                outOfMemory,
                startedAt,
                exit.at(),
                next.isPresent() ? restartCount + 1 : restartCount,
                byUser,
                next.orElse(Duration.ZERO));
    }

    ContainerState with(ContainerStatus changed) {
        return new ContainerState(
                changed,
                process,
                bootId,
                exitCode,
                error,
                oomKilled,
                startedAt,
                finishedAt,
                restartCount,
                stoppedByUser,
                restartDelay);
    }

    /** The kernel ran out of the memory that it may use; it goes on. */
    ContainerState outOfMemory() {
        return new ContainerState(
                status,
                process,
                bootId,
                exitCode,
                error,
                true,
                startedAt,
                finishedAt,
                restartCount,
                stoppedByUser,
                restartDelay);
    }

    /** When the restart policy starts it again; only while it waits for that. */
    Instant restartsAt() {
        return (finishedAt == null ? Instant.EPOCH : finishedAt).plus(restartDelay);
    }

    /** A user has stopped it while it waited for its next start. */
    ContainerState restartCancelled() {
        return new ContainerState(
                ContainerStatus.EXITED,
                null,
                "",
                exitCode,
                error,
                oomKilled,
                startedAt,
                finishedAt,
                restartCount,
                true,
                Duration.ZERO);
    }
}
