package io.berth.engine.container;

import io.berth.docker.error.ApiException;
import io.berth.docker.error.Conflict;
import io.berth.docker.error.InvalidParameter;
import io.berth.docker.error.NotFound;
import io.berth.docker.error.SystemFailure;
import io.berth.engine.container.NetworkUse.Begun;
import io.berth.engine.log.LogDriverException;
import io.berth.engine.network.Connections;
import io.berth.engine.runtime.ContainerProcess;
import io.berth.engine.runtime.ContainerProcess.OutputSink;
import io.berth.engine.runtime.ContainerRuntime;
import io.berth.engine.runtime.LaunchFailure;
import io.berth.linux.process.ProcessIdentity;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Starts a container's process and records that it runs. */
@Component
final class Launcher {
    private static final Logger LOG = LoggerFactory.getLogger(Launcher.class);

    private static final String NOT_STARTED = "failed to create task for container: ";

    /** The exit code of what failed before there was a process. */
    private static final int SYSTEM_FAILURE = 128;

    private static final Executor ENDING = command -> {
        Thread _ = Thread.ofVirtual().name("abandon").start(command);
    };

    private final ContainerRuntime runtime;
    private final ContainerStore store;
    private final LaunchPlan plan;
    private final MountUse use;
    private final NetworkUse networks;
    private final ContainerDirectories directories;
    private final ContainerEvents events;
    private final ContainerChanges changes;

    Launcher(
            ContainerRuntime runtime,
            ContainerStore store,
            LaunchPlan plan,
            MountUse use,
            NetworkUse networks,
            ContainerDirectories directories,
            ContainerEvents events,
            ContainerChanges changes) {
        this.runtime = runtime;
        this.store = store;
        this.plan = plan;
        this.use = use;
        this.networks = networks;
        this.directories = directories;
        this.events = events;
        this.changes = changes;
    }

    /**
     * Starts a container that does not run; its lock is held. When it returns, the process has been executed and the database
     * knows it.
     *
     * @param byPolicy whether the restart policy starts it, and not a user
     * @throws ApiException when it cannot be started; the state then has exit code and reason, as in Docker
     */
    Run launch(Container container, boolean byPolicy) {
        ContainerSnapshot before = container.snapshot();
        Object _ = container.released().join();
        Begun begun = beginNetworks(container, before);
        beginMounts(container, before, begun);
        ContainerProcess process;
        try {
            container.log().open(directories.logInfo(before));
            process = runtime.start(plan.of(before.spec(), user -> networks.open(begun, user)));
        } catch (LogDriverException e) {
            String message = NOT_STARTED + "failed to initialize logging driver: " + e.getMessage();
            failed(container, before, begun, SYSTEM_FAILURE, message);
            throw new SystemFailure(message, e);
        } catch (LaunchFailure e) {
            String message = (e.kind() == LaunchFailure.Kind.INVALID_SETTING ? "" : NOT_STARTED) + e.getMessage();
            failed(container, before, begun, exitCode(e.kind()), message);
            throw translate(e, message);
        } catch (ApiException e) {
            // Another container whose namespaces are to be shared does not run, or a device cannot be given.
            failed(container, before, begun, SYSTEM_FAILURE, String.valueOf(e.getMessage()));
            throw e;
        } catch (RuntimeException e) {
            // Else one that its restart policy starts would wait for that for ever.
            failed(container, before, begun, SYSTEM_FAILURE, NOT_STARTED + e.getMessage());
            throw e;
        } finally {
            use.mounted(before.spec());
        }
        return launched(container, before, begun, process, byPolicy);
    }

    private Begun beginNetworks(Container container, ContainerSnapshot before) {
        try {
            return networks.begin(before);
        } catch (ApiException e) {
            // A network does not exist, or an address or a port is another's.
            ContainerSnapshot known = e instanceof NotFound
                    ? before
                    : before.with(
                            before.network().knowing(before.spec().networks().keySet()));
            recordFailure(container, known, SYSTEM_FAILURE, String.valueOf(e.getMessage()));
            throw e;
        } catch (RuntimeException e) {
            recordFailure(container, before, SYSTEM_FAILURE, NOT_STARTED + e.getMessage());
            throw e;
        }
    }

    private Run launched(
            Container container, ContainerSnapshot before, Begun begun, ContainerProcess process, boolean byPolicy) {
        Instant now = Instant.now();
        Run run = new Run(process, now);
        process.deliverTo(sink(container));
        boolean checked = HealthCheck.of(before.spec().config()).isPresent();
        ContainerSnapshot running = before.with(before.state().started(process.identity(), bootId(), now, byPolicy))
                .with(checked ? Health.starting(before.health()) : null)
                .with(networks.started(begun, process.identity()));
        try {
            store.updateState(running);
        } catch (RuntimeException e) {
            // Nobody would find it again after a restart of the engine.
            abandon(container, before, process);
            throw e;
        }
        container.begin(run, running);
        changes.changed(container);
        events.publish(container, "start");
        return run;
    }

    /** Gives back all that a start that failed had taken, and records why. */
    private void failed(Container container, ContainerSnapshot before, Begun begun, int exitCode, String message) {
        container.log().close();
        Optional<Connections> ended = networks.end(before);
        ended.ifPresent(networks::publishEnd);
        use.end(before.spec());
        recordFailure(container, before.with(begun.state().ended()), exitCode, message);
    }

    /** Ends what has just been started; nothing is held for it afterwards. */
    private void abandon(Container container, ContainerSnapshot before, ContainerProcess process) {
        process.signal(Signals.SIGKILL);
        container.releasing(process.exit()
                .thenCompose(_ -> process.drained().copy().completeOnTimeout(null, 2, TimeUnit.SECONDS))
                .handleAsync(
                        (_, _) -> {
                            container.log().close();
                            use.end(before.spec());
                            networks.end(before).ifPresent(networks::publishEnd);
                            runtime.release(container.id());
                            return true;
                        },
                        ENDING));
        container.settle(before.with(
                before.state().startFailed(SYSTEM_FAILURE, NOT_STARTED + "the start could not be recorded")));
    }

    private void beginMounts(Container container, ContainerSnapshot before, Begun begun) {
        try {
            use.begin(before.spec());
        } catch (ApiException e) {
            networks.end(before).ifPresent(networks::publishEnd);
            recordFailure(container, before.with(begun.state().ended()), SYSTEM_FAILURE, e.text());
            throw e;
        }
    }

    private void recordFailure(Container container, ContainerSnapshot before, int exitCode, String message) {
        ContainerSnapshot failed = before.with(before.state().startFailed(exitCode, message));
        store.updateState(failed);
        container.settle(failed);
    }

    /** Output goes to the log first, so that what a client has seen is never missing there. */
    static OutputSink sink(Container container) {
        return (stream, content) -> {
            try {
                container.log().append(stream, content);
            } catch (UncheckedIOException e) {
                LOG.atError()
                        .setCause(e)
                        .addKeyValue("containerId", container.id())
                        .log("output lost: the log cannot be written");
            }
            container.output().output(stream, content);
        };
    }

    /** The present boot of this machine. */
    static String bootId() {
        try {
            return ProcessIdentity.bootId();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the boot id", e);
        }
    }

    /** The exit codes that shells and Docker use for what could not be started. */
    private static int exitCode(LaunchFailure.Kind kind) {
        return switch (kind) {
            case PROGRAM_NOT_FOUND -> 127;
            case PROGRAM_NOT_EXECUTABLE, INVALID_PROCESS -> 126;
            case INVALID_SETTING, CONTAINER_STOPPED, SYSTEM -> SYSTEM_FAILURE;
        };
    }

    private static ApiException translate(LaunchFailure failure, String message) {
        return switch (failure.kind()) {
            case PROGRAM_NOT_FOUND, PROGRAM_NOT_EXECUTABLE, INVALID_PROCESS -> new InvalidParameter(message, failure);
            case CONTAINER_STOPPED -> new Conflict(message, failure);
            case INVALID_SETTING, SYSTEM -> new SystemFailure(message, failure);
        };
    }
}
