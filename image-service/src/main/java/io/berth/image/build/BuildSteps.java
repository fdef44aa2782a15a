package io.berth.image.build;

import io.berth.node.BuildStep;
import java.io.IOException;
import java.util.Optional;

/** Runs commands of builds in containers; the engine does. Thread-safe. */
public interface BuildSteps {
    /**
     * Runs a command and returns when it has ended.
     *
     * @throws IOException when the engine does not answer or breaks off
     * @throws InterruptedException when the build is to end; the command has been stopped then
     */
    BuildStep.Result run(BuildStep step, Output output) throws IOException, InterruptedException;

    /** The address at which containers reach the host; empty also when the engine cannot be asked. */
    Optional<String> hostGateway();

    /** Gets what a command writes. */
    interface Output {
        void write(boolean error, byte[] content);
    }
}
