package io.berth.linux.launch;

import io.berth.linux.Errno;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A launch that failed, for example {@code mount proc on /proc: EPERM (Operation not permitted)}. The child has been
 * reaped, so nothing is left behind but what its steps did outside of its namespaces.
 */
public final class LaunchException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String stepName;
    private final String call;
    private final int errno;
    private final transient List<Failure> failures;

    /**
     * A step that the kernel refused.
     *
     * @param errno positive
     */
    public record Failure(Step step, int errno) {}

    private LaunchException(
            String message,
            String stepName,
            String call,
            int errno,
            List<Failure> failures,
            @Nullable Throwable cause) {
        super(message, cause);
        this.stepName = stepName;
        this.call = call;
        this.errno = errno;
        this.failures = failures;
    }

    /** The kernel refused something that is no step: making the child, joining its pid namespace. */
    static LaunchException refused(String what, String call, int errno) {
        return new LaunchException(what + ": " + Errno.describe(errno), what, call, errno, List.of(), null);
    }

    /** A step failed; {@code failures} are all steps that did, the last of which ended the program. */
    static LaunchException stepFailed(List<Failure> failures) {
        Failure last = failures.getLast();
        Failure told = last;
        if (last.step().kind() == Step.Kind.EXEC) {
            // Of several candidates for the program, one that exists but may not be executed says more than the last.
            told = failures.stream()
                    .filter(failure -> failure.step().kind() == Step.Kind.EXEC && failure.errno() == Errno.EACCES)
                    .findFirst()
                    .orElse(last);
        }
        String outcome = told.step().kind() == Step.Kind.CHECK
                        && (told.errno() == Errno.EAGAIN || told.errno() == Errno.ETIMEDOUT)
                ? "it is not so"
                : Errno.describe(told.errno());
        String name = told.step().name();
        return new LaunchException(
                name + ": " + outcome, name, told.step().call().callName(), told.errno(), List.copyOf(failures), null);
    }

    /** The child ended within a step, killed by somebody or by a rule it had just taken on. */
    static LaunchException died(Step during, String how, List<Failure> failures) {
        return new LaunchException(
                during.name() + ": " + how, during.name(), during.call().callName(), 0, List.copyOf(failures), null);
    }

    /** This process's part failed while the child waited. */
    static LaunchException parentFailed(Throwable cause, List<Failure> failures) {
        String what = "prepare the waiting process";
        return new LaunchException(what + ": " + cause.getMessage(), what, "", 0, List.copyOf(failures), cause);
    }

    /** The name of the step that failed. */
    public String stepName() {
        return stepName;
    }

    /** Its system call's name, or nothing when this process's part failed. */
    public String call() {
        return call;
    }

    /** The error number, or 0 when the child was killed or this process's part failed. */
    public int errno() {
        return errno;
    }

    /** Every step that failed, tolerated ones too, in order. */
    public List<Failure> failures() {
        return failures;
    }
}
