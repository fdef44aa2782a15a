package io.berth.engine.container;

import io.berth.engine.runtime.ContainerProcess.Exit;
import io.berth.linux.process.ProcessIdentity;
import java.time.Instant;
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
 * @param restartCount how often the restart policy has started it since a user did
 * @param stoppedByUser whether a user ended the last run; the restart policies look at it
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
        boolean stoppedByUser) {

    /** Docker's exit code where the kernel could not tell the true one. */
    private static final int UNKNOWN_EXIT_CODE = 255;

    /** Just created. */
    public static final ContainerState CREATED =
            new ContainerState(ContainerStatus.CREATED, null, "", 0, "", false, null, null, 0, false);

    /** Whether a start is pointless: it runs, or the restart policy will soon start it. */
    public boolean running() {
        return status == ContainerStatus.RUNNING
                || status == ContainerStatus.PAUSED
                || status == ContainerStatus.RESTARTING;
    }

    ContainerState started(ProcessIdentity identity, String boot, Instant at, int restarts) {
        return new ContainerState(
                ContainerStatus.RUNNING, identity, boot, 0, "", false, at, finishedAt, restarts, false);
    }

    /** The start failed: Docker leaves the status as it was. */
    ContainerState startFailed(int code, String why) {
        ContainerStatus after = status == ContainerStatus.RESTARTING ? ContainerStatus.EXITED : status;
        return new ContainerState(
                after, null, "", code, why, oomKilled, startedAt, finishedAt, restartCount, stoppedByUser);
    }

    ContainerState ended(Exit exit, boolean outOfMemory, boolean byUser, boolean willRestart) {
        boolean unknown = exit.code() == Exit.UNKNOWN;
        return new ContainerState(
                willRestart ? ContainerStatus.RESTARTING : ContainerStatus.EXITED,
                null,
                "",
                unknown ? UNKNOWN_EXIT_CODE : exit.code(),
                unknown ? "exit status unknown: the process ended while no engine was watching" : "",
                outOfMemory,
                startedAt,
                exit.at(),
                restartCount,
                byUser);
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
                stoppedByUser);
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
                true);
    }
}
