package io.berth.linux.launch;

import io.berth.linux.Errno;
import io.berth.linux.process.ExitStatus;
import io.berth.linux.process.Pidfd;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntToLongFunction;
import java.util.function.Supplier;
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
        Step left = walk(program.steps(), results, failures, () -> reap(pidfd), parentFailure);
        if (left == null) {
            throw new IllegalStateException(
                    "program ran past its end: " + program.steps().getLast());
        }
        return new Launched(pidfd.pid(), pidfd, left);
    }

    /**
     * Follows a list of steps as far as it was carried out.
     *
     * @param failures receives those that were tolerated
     * @param end ends whoever carried it out, if that has not happened, and tells how
     * @return the step by which the list was left for good, or null when all of it was done
     * @throws LaunchException when it was not
     */
    static @Nullable Step walk(
            List<Step> steps,
            IntToLongFunction results,
            List<LaunchException.Failure> failures,
            Supplier<ExitStatus> end,
            @Nullable Throwable parentFailure) {
        for (int index = 0; index < steps.size(); index++) {
            Step step = steps.get(index);
            long result = results.applyAsLong(index);
            if (result == ProgramImage.NOT_RUN) {
                if (step.kind() == Step.Kind.EXEC || step.kind() == Step.Kind.EXIT) {
                    return step;
                }
                throw died(step, failures, end.get(), parentFailure);
            }
            if (result < 0 && result >= -Errno.MAX) {
                int errno = (int) -result;
                failures.add(new LaunchException.Failure(step, errno));
                if (!step.tolerates(errno)) {
                    Object _ = end.get();
                    throw LaunchException.stepFailed(failures);
                }
            }
        }
        return null;
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
