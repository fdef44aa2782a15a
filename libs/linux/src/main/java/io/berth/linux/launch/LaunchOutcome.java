package io.berth.linux.launch;

import io.berth.linux.Errno;
import io.berth.linux.process.ExitStatus;
import io.berth.linux.process.Pidfd;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntToLongFunction;
import org.jspecify.annotations.Nullable;

/** Reads from a program's records how far the child came. */
final class LaunchOutcome {
    private LaunchOutcome() {}

    /**
     * Tells the launched process, or reaps the child that failed.
     *
     * @param results each step's result, by its index
     * @param pidfd the child's; closed on failure
     * @param parentFailure why this process's part failed, if it did
     * @throws LaunchException when the child did not become its program
     */
    static Launched of(
            LaunchProgram program, IntToLongFunction results, Pidfd pidfd, @Nullable Throwable parentFailure) {
        List<LaunchException.Failure> failures = new ArrayList<>();
        List<Step> steps = program.steps();
        for (int index = 0; index < steps.size(); index++) {
            Step step = steps.get(index);
            long result = results.applyAsLong(index);
            if (result == ProgramImage.NOT_RUN) {
                boolean left = step.kind() == Step.Kind.EXEC || step.kind() == Step.Kind.EXIT;
                if (left) {
                    return new Launched(pidfd.pid(), pidfd, step);
                }
                throw died(step, failures, reap(pidfd), parentFailure);
            }
            if (result < 0 && result >= -Errno.MAX) {
                int errno = (int) -result;
                failures.add(new LaunchException.Failure(step, errno));
                if (!step.tolerates(errno)) {
                    reap(pidfd);
                    throw LaunchException.stepFailed(failures);
                }
            }
        }
        throw new IllegalStateException("program ran past its end: " + steps.getLast());
    }

    private static LaunchException died(
            Step during, List<LaunchException.Failure> failures, ExitStatus status, @Nullable Throwable parentFailure) {
        if (parentFailure != null) {
            return LaunchException.parentFailed(parentFailure, failures);
        }
        String how = status instanceof ExitStatus.Signaled(int signal, boolean ignored)
                ? "killed by signal " + signal
                : "ended unexpectedly: " + status;
        return LaunchException.died(during, how, failures);
    }

    private static ExitStatus reap(Pidfd pidfd) {
        try (pidfd) {
            return pidfd.awaitExit();
        }
    }
}
