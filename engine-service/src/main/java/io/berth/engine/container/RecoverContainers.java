package io.berth.engine.container;

import io.berth.docker.error.ApiException;
import io.berth.engine.kept.KeptDefinitions;
import io.berth.engine.kept.Kind;
import io.berth.engine.log.LogDriverException;
import io.berth.engine.runtime.ContainerId;
import io.berth.engine.runtime.ContainerProcess;
import io.berth.engine.runtime.ContainerProcess.Exit;
import io.berth.engine.runtime.ContainerRuntime;
import io.berth.linux.process.ProcessIdentity;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Finds all containers again when the engine starts, before it listens: attaches to those that still run, records the end of
 * those that do not, and clears away what an engine that was killed left half done.
 *
 * <p>Stopping the engine stops no container.
 */
@Component
final class RecoverContainers implements SmartLifecycle {
    private static final Logger LOG = LoggerFactory.getLogger(RecoverContainers.class);

    private final Containers containers;
    private final ContainerStore store;
    private final ContainerDirectories directories;
    private final ContainerRuntime runtime;
    private final ExitWatch exits;
    private final StartContainer start;
    private final MountUse use;
    private final NetworkUse networks;
    private final RemoveContainer remove;
    private final ContainerChanges changes;
    private final LeftOvers leftOvers;
    private final KeptDefinitions kept;
    private volatile boolean running;

    @SuppressWarnings("TooManyParameters") // a recovery touches all of them once
    RecoverContainers(
            Containers containers,
            ContainerStore store,
            ContainerDirectories directories,
            ContainerRuntime runtime,
            ExitWatch exits,
            StartContainer start,
            MountUse use,
            NetworkUse networks,
            RemoveContainer remove,
            ContainerChanges changes,
            LeftOvers leftOvers,
            KeptDefinitions kept) {
        this.leftOvers = leftOvers;
        this.kept = kept;
        this.containers = containers;
        this.store = store;
        this.directories = directories;
        this.runtime = runtime;
        this.exits = exits;
        this.start = start;
        this.use = use;
        this.networks = networks;
        this.remove = remove;
        this.changes = changes;
    }

    /** Before the web server, which starts in a late phase. */
    @Override
    public int getPhase() {
        return 0;
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    /** After the web server: nobody starts a container any more. */
    @Override
    public void stop() {
        exits.stop();
        runtime.suspendOutput();
        containers.all().forEach(container -> container.log().suspend());
        running = false;
    }

    @Override
    public void start() {
        directories.prepare();
        List<Container> found = new ArrayList<>();
        Set<ContainerId> known = new HashSet<>();
        for (ContainerSnapshot snapshot : store.loadAll()) {
            Container container =
                    new Container(snapshot, directories.of(snapshot.id()), directories.log(snapshot.spec()));
            containers.reserve(snapshot.name(), snapshot.id());
            containers.add(container);
            kept.load(Kind.CONTAINER, snapshot.id().value(), snapshot.spec().labels(), snapshot.spec());
            known.add(snapshot.id());
            found.add(container);
        }
        String boot = Launcher.bootId();
        List<Container> ended = new ArrayList<>();
        for (Container container : found) {
            if (!reattach(container, boot)) {
                ended.add(container);
            }
        }
        networks.reconcile();
        Set<ContainerId> cleaned = runtime.reconcile(known);
        sweepDirectories(known);
        use.removeOwnerless(known);
        ended.forEach(this::followUp);
        running = true;
        LOG.atInfo()
                .addKeyValue("containers", found.size())
                .addKeyValue("running", found.size() - ended.size())
                .addKeyValue("cleanedUp", cleaned.size())
                .log("containers recovered");
    }

    /** Whether it runs. */
    private boolean reattach(Container container, String boot) {
        ContainerSnapshot snapshot = container.snapshot();
        @Nullable ProcessIdentity identity = snapshot.state().process();
        if (identity == null) {
            return false;
        }
        Optional<ContainerProcess> process = snapshot.state().bootId().equals(boot)
                ? runtime.reattach(
                        container.id(),
                        identity,
                        LaunchPlan.stdio(snapshot.spec().config()))
                : Optional.empty();
        if (process.isEmpty()) {
            recordEnd(container);
            return false;
        }
        Instant startedAt = snapshot.state().startedAt();
        Run run = new Run(process.get(), startedAt == null ? Instant.now() : startedAt);
        resumeLog(container);
        process.get().deliverTo(Launcher.sink(container));
        container.exclusively(() -> {
            container.begin(run, snapshot.with(resumed(snapshot.health())));
            changes.changed(container);
        });
        use.resume(snapshot.spec());
        networks.resume(snapshot, identity);
        exits.watch(container, run);
        return true;
    }

    /** A container that runs goes on running, also when its log cannot. */
    private void resumeLog(Container container) {
        try {
            container.log().resume(directories.logInfo(container.snapshot()));
        } catch (LogDriverException e) {
            LOG.atError()
                    .setCause(e)
                    .addKeyValue("containerId", container.id())
                    .log("output lost: the log driver does not begin");
        }
    }

    /** Failures before count no more; what was healthy remains so until a probe says otherwise. */
    private static @Nullable Health resumed(@Nullable Health health) {
        return health == null || health.status() == Health.Status.HEALTHY ? health : Health.starting(health);
    }

    private void recordEnd(Container container) {
        container.exclusively(() -> {
            ContainerSnapshot before = container.snapshot();
            boolean outOfMemory = runtime.outOfMemoryKills(container.id()) > 0;
            ContainerSnapshot after = before.with(before.state()
                            .ended(new Exit(Exit.UNKNOWN, Instant.now()), outOfMemory, false, Optional.empty()))
                    .with(before.network().ended())
                    .unwatched();
            store.updateState(after);
            container.settle(after);
        });
    }

    /**
     * A container that the database does not know to run must not: an engine may have been killed between the start and its
     * record.
     */
    private void followUp(Container container) {
        if (!runtime.processes(container.id()).isEmpty()) {
            LOG.atWarn().addKeyValue("containerId", container.id()).log("killing a start that was never recorded");
            runtime.killAll(container.id());
        }
        runtime.release(container.id());
        ContainerSnapshot snapshot = container.snapshot();
        if (snapshot.state().status() == ContainerStatus.RESTARTING) {
            exits.scheduleRestart(container);
            return;
        }
        try {
            if (snapshot.spec().hostConfig().autoRemove() && snapshot.state().startedAt() != null) {
                remove.removeStopped(container);
            } else if (RestartDecision.atEngineStart(
                    snapshot.spec().hostConfig().restartPolicy(), snapshot.state())) {
                start.start(container);
            }
        } catch (ApiException e) {
            LOG.atWarn().setCause(e).addKeyValue("containerId", container.id()).log("container not recovered");
        }
    }

    private void sweepDirectories(Set<ContainerId> known) {
        for (Path orphan : directories.orphans(known)) {
            try {
                runtime.deleteDirectory(orphan);
            } catch (RuntimeException e) {
                LOG.atWarn().setCause(e).addKeyValue("directory", orphan).log("left-over directory not deleted");
                leftOvers.clearLater();
            }
        }
    }
}
