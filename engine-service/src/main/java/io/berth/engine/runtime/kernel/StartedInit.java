package io.berth.engine.runtime.kernel;

import io.berth.engine.runtime.ContainerLaunch;
import io.berth.engine.runtime.ContainerLaunch.ProcessLaunch;
import io.berth.engine.runtime.LaunchFailure;
import io.berth.linux.launch.InitProcess;
import io.berth.linux.process.Pidfd;
import java.util.List;
import java.util.Optional;

/** The init process of a container that asked for one. Closed after the launch. */
record StartedInit(Optional<InitProcess> process) implements AutoCloseable {
    private static final int SIGKILL = 9;

    static StartedInit of(ContainerLaunch launch, List<String> environment) {
        return new StartedInit(
                launch.init()
                        ? Optional.of(InitProcess.of(ProcessSetup.programPaths(
                                launch.process().argv().getFirst(), environment)))
                        : Optional.empty());
    }

    /**
     * Waits until the program has been executed; for a container without an init it has.
     *
     * @param pidfd of the init; closed when the program could not be executed
     * @throws LaunchFailure when it could not; the init has ended then
     */
    void awaitProgram(Pidfd pidfd, ProcessLaunch launch) {
        int errno = process.map(InitProcess::awaitProgram).orElse(0);
        if (errno != 0) {
            try (pidfd) {
                pidfd.sendSignal(SIGKILL);
                Object _ = pidfd.awaitExit();
            }
            throw LaunchErrors.ofProgram(errno, launch);
        }
    }

    @Override
    public void close() {
        process.ifPresent(InitProcess::close);
    }
}
