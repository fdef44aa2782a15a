package io.berth.engine.runtime.kernel;

import io.berth.engine.runtime.ContainerLaunch.ProcessLaunch;
import io.berth.engine.runtime.LaunchFailure;
import io.berth.engine.runtime.LaunchFailure.Kind;
import io.berth.linux.Errno;
import io.berth.linux.SyscallException;
import io.berth.linux.fd.Directory;
import io.berth.linux.launch.LaunchException;
import io.berth.linux.launch.Step;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Words a failed launch as Docker's clients know it; they tell exit codes 126 and 127 from these texts. */
final class LaunchErrors {
    private LaunchErrors() {}

    static LaunchFailure translate(LaunchException failure, ProcessLaunch process) {
        boolean program =
                failure.failures().stream().anyMatch(failed -> failed.step().kind() == Step.Kind.EXEC);
        if (program) {
            Set<Integer> errnos = failure.failures().stream()
                    .filter(failed -> failed.step().kind() == Step.Kind.EXEC)
                    .map(LaunchException.Failure::errno)
                    .collect(Collectors.toSet());
            return programFailure(errnos, failure.errno(), process.argv().getFirst(), failure);
        }
        if (failure.stepName().startsWith(ProcessSetup.STEP_WORKING_DIRECTORY)) {
            return new LaunchFailure(
                    Kind.INVALID_PROCESS,
                    "chdir to cwd (\"" + process.workingDirectory() + "\") set in config.json failed: "
                            + text(failure.errno()),
                    failure);
        }
        if (failure.stepName().startsWith("set host name")) {
            return new LaunchFailure(Kind.SYSTEM, "sethostname: " + text(failure.errno()), failure);
        }
        boolean refused = failure.errno() == Errno.EPERM || failure.errno() == Errno.EACCES;
        if (refused
                && (failure.stepName().startsWith("set ulimit")
                        || failure.stepName().startsWith("set oom_score_adj"))) {
            return new LaunchFailure(
                    Kind.SYSTEM,
                    "cannot " + failure.stepName() + ": " + text(failure.errno())
                            + " (beyond the engine's own limit only with CAP_SYS_RESOURCE)",
                    failure);
        }
        return new LaunchFailure(Kind.SYSTEM, String.valueOf(failure.getMessage()), failure);
    }

    /** Words a failure, with a look at the container's files for what the kernel does not tell: a program that is a directory. */
    static LaunchFailure translate(RuntimeException failure, ProcessLaunch process, Directory root) {
        LaunchFailure translated = KernelContainerRuntime.asLaunchFailure(failure, process);
        String program = process.argv().getFirst();
        if (translated.kind() == Kind.PROGRAM_NOT_EXECUTABLE && program.startsWith("/") && isDirectory(root, program)) {
            return new LaunchFailure(
                    Kind.PROGRAM_NOT_EXECUTABLE, "exec: \"" + program + "\": " + text(Errno.EISDIR), failure);
        }
        return translated;
    }

    private static boolean isDirectory(Directory root, String path) {
        String relative = path.replaceFirst("^/+", "");
        try {
            return relative.isEmpty() || root.statFollowing(relative).isDirectory();
        } catch (SyscallException e) {
            return false;
        }
    }

    /** A program that an init process could not execute. */
    static LaunchFailure ofProgram(int errno, ProcessLaunch process) {
        return programFailure(Set.of(errno), errno, process.argv().getFirst(), null);
    }

    private static LaunchFailure programFailure(
            Set<Integer> errnos, int errno, String program, @Nullable LaunchException failure) {
        String subject = "exec: \"" + program + "\": ";
        // Without a name it is the directories of PATH that cannot be executed.
        boolean missing =
                program.isEmpty() || errnos.stream().allMatch(each -> each == Errno.ENOENT || each == Errno.ENOTDIR);
        if (missing && program.indexOf('/') < 0) {
            return new LaunchFailure(Kind.PROGRAM_NOT_FOUND, subject + "executable file not found in $PATH", failure);
        }
        if (missing) {
            return new LaunchFailure(
                    Kind.PROGRAM_NOT_FOUND,
                    subject + "stat " + program + ": " + text(errnos.iterator().next()),
                    failure);
        }
        return new LaunchFailure(Kind.PROGRAM_NOT_EXECUTABLE, subject + text(errno), failure);
    }

    /** The kernel's text as Go programs print it: in lower case. */
    private static String text(int errno) {
        return Errno.text(errno).toLowerCase(Locale.ROOT);
    }
}
