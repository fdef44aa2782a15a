package io.berth.engine.held;

import io.berth.docker.system.HeldResponse;
import io.berth.docker.system.HeldResponse.OfContainer;
import io.berth.docker.system.HeldResponse.Orphan;
import io.berth.docker.system.HeldResponse.Total;
import io.berth.engine.container.Container;
import io.berth.engine.container.ContainerDirectories;
import io.berth.engine.container.ContainerSnapshot;
import io.berth.engine.container.Containers;
import io.berth.engine.runtime.ContainerId;
import io.berth.engine.runtime.ContainerRuntime;
import io.berth.engine.runtime.Isolation.IdRange;
import io.berth.engine.runtime.KernelHoldings;
import io.berth.engine.volume.Volumes;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** What the engine holds in the kernel and on disk, container by container, and what it holds for nobody. Thread-safe. */
@Component
public final class Held {
    /** What is just being made or taken down belongs to no container for a moment. */
    private static final Duration MOMENT = Duration.ofSeconds(1);

    private final Containers containers;
    private final ContainerDirectories directories;
    private final Volumes volumes;
    private final ContainerRuntime runtime;

    Held(Containers containers, ContainerDirectories directories, Volumes volumes, ContainerRuntime runtime) {
        this.containers = containers;
        this.directories = directories;
        this.volumes = volumes;
        this.runtime = runtime;
    }

    /**
     * Looks, and if there seem to be orphans looks again a second later: only what belongs to nobody both times is told as one.
     */
    public HeldResponse now() throws InterruptedException {
        HeldResponse first = look();
        if (first.orphans().isEmpty()) {
            return first;
        }
        Thread.sleep(MOMENT);
        HeldResponse second = look();
        List<Orphan> both = new ArrayList<>(second.orphans());
        both.retainAll(first.orphans());
        return new HeldResponse(second.total(), second.engine(), second.containers(), both);
    }

    private HeldResponse look() {
        // First what is held, then who answers for it: what comes in between makes no orphan.
        KernelHoldings kernel = runtime.holdings();
        Set<String> onDisk = new HashSet<>(directories.present());
        List<Path> strayVolumes = volumes.strays();
        Map<ContainerId, KernelHoldings.OfContainer> left = new HashMap<>(kernel.containers());
        List<OfContainer> known = new ArrayList<>();
        for (Container container : containers.newestFirst()) {
            KernelHoldings.@Nullable OfContainer held = left.remove(container.id());
            onDisk.remove(container.id().value());
            known.add(of(container, held == null ? KernelHoldings.OfContainer.NOTHING : held));
        }
        left.keySet().removeIf(containers::answersFor);
        onDisk.removeIf(name -> containers.answersFor(new ContainerId(name)));
        return new HeldResponse(
                total(known, kernel),
                new HeldResponse.Engine(kernel.threads(), new TreeMap<>(kernel.descriptors()), kernel.mounts()),
                known,
                orphans(kernel, left, onDisk, strayVolumes));
    }

    private OfContainer of(Container container, KernelHoldings.OfContainer held) {
        ContainerSnapshot snapshot = container.snapshot();
        @Nullable IdRange users = snapshot.spec().users();
        return new OfContainer(
                container.id().value(),
                snapshot.name(),
                snapshot.state().status().text(),
                held.processes(),
                held.cgroups(),
                held.namespaces(),
                held.mounts(),
                held.keptFiles(),
                container.directory().toString(),
                users == null ? "" : users.hostStart() + "+" + users.size());
    }

    private Total total(List<OfContainer> known, KernelHoldings kernel) {
        Set<String> namespaces = new HashSet<>();
        int processes = 0;
        int cgroups = 0;
        int mounts = 0;
        int keptFiles = kernel.strays().size();
        for (KernelHoldings.OfContainer held : kernel.containers().values()) {
            namespaces.addAll(held.namespaces());
            processes += held.processes().size();
            cgroups += held.cgroups().size();
            mounts += held.mounts();
            keptFiles += held.keptFiles();
        }
        return new Total(
                known.size(),
                (int) known.stream()
                        .filter(container -> !container.processes().isEmpty())
                        .count(),
                processes,
                cgroups,
                kinds(namespaces),
                mounts,
                keptFiles,
                directories.present().size(),
                volumes.all().size(),
                (int) known.stream()
                        .filter(container -> !container.userRange().isEmpty())
                        .count());
    }

    /** Containers may share namespaces: each counts once. */
    private static Map<String, Integer> kinds(Set<String> namespaces) {
        Map<String, Integer> kinds = new TreeMap<>();
        namespaces.forEach(name -> kinds.merge(name.substring(0, name.indexOf(':')), 1, Integer::sum));
        return kinds;
    }

    private List<Orphan> orphans(
            KernelHoldings kernel,
            Map<ContainerId, KernelHoldings.OfContainer> left,
            Set<String> onDisk,
            List<Path> strayVolumes) {
        List<Orphan> orphans = new ArrayList<>();
        left.forEach((id, held) -> {
            held.processes().forEach(pid -> orphans.add(new Orphan("process", pid.toString())));
            held.cgroups().forEach(path -> orphans.add(new Orphan("cgroup", path)));
            if (held.keptFiles() > 0) {
                orphans.add(new Orphan("kept files", held.keptFiles() + " of " + id));
            }
        });
        kernel.strays().forEach(file -> orphans.add(new Orphan("kept file", file)));
        onDisk.forEach(name -> orphans.add(
                new Orphan("directory", directories.of(new ContainerId(name)).toString())));
        strayVolumes.forEach(path -> orphans.add(new Orphan("directory", path.toString())));
        Set<Path> mountable = new HashSet<>();
        volumes.all().forEach(volume -> mountable.add(volumes.path(volume)));
        kernel.mounts().stream()
                .filter(point -> !mountable.contains(Path.of(point)))
                .forEach(point -> orphans.add(new Orphan("mount", point)));
        orphans.sort(Comparator.comparing(Orphan::kind).thenComparing(Orphan::what));
        return orphans;
    }
}
