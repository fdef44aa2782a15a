package io.berth.linux.cgroup;

import io.berth.linux.fd.Directory;
import io.berth.linux.fd.Fd;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Version 2: one hierarchy with all controllers. Processes are cloned straight into their group. */
final class CgroupsV2 implements Cgroups {
    private static final List<String> CONTROLLERS = List.of("cpu", "cpuset", "io", "memory", "pids");
    private static final long DEFAULT_PERIOD_MICROS = 100_000;

    private final Path root;
    private final Path parent;
    private boolean prepared;

    /**
     * @param root where the hierarchy is mounted
     * @param parent name of the group that all others are made below
     */
    CgroupsV2(Path root, String parent) {
        this.root = root;
        this.parent = root.resolve(parent);
    }

    @Override
    public void prepare() {
        prepareParent();
    }

    @Override
    public void removeParentIfEmpty() {
        CgroupFiles.removeIfEmpty(parent);
    }

    @Override
    public Cgroup create(String name, CgroupLimits limits, DevicePolicy devices) {
        prepareParent();
        Group group = new Group(name, parent.resolve(name));
        try {
            CgroupFiles.makeDirectory(group.directory);
            group.update(limits);
            if (devices == DevicePolicy.CONTAINER_DEFAULT) {
                try (Fd fd = group.open()) {
                    DeviceProgram.attach(fd);
                }
            }
            return group;
        } catch (RuntimeException e) {
            group.remove();
            throw e;
        }
    }

    /** A controller is available in a group when its parent passes it on. */
    private synchronized void prepareParent() {
        if (prepared && Files.isDirectory(parent)) {
            return;
        }
        CgroupFiles.makeDirectory(parent);
        for (Path group : List.of(root, parent)) {
            enableControllers(group);
        }
        prepared = true;
    }

    private static void enableControllers(Path group) {
        List<String> available = Arrays.asList(
                CgroupFiles.read(group.resolve("cgroup.controllers")).split(" "));
        for (String controller : CONTROLLERS) {
            if (available.contains(controller)) {
                try {
                    CgroupFiles.write(group.resolve("cgroup.subtree_control"), "+" + controller);
                } catch (UncheckedIOException e) {
                    // A group that has processes of its own passes nothing on, except for the real root: as when the
                    // engine runs in a container. Its processes move aside once.
                    moveProcessesAside(group);
                    CgroupFiles.write(group.resolve("cgroup.subtree_control"), "+" + controller);
                }
            }
        }
    }

    private static void moveProcessesAside(Path group) {
        Path aside = group.resolve("init");
        CgroupFiles.makeDirectory(aside);
        for (int pid : CgroupFiles.readPids(group.resolve("cgroup.procs"))) {
            CgroupFiles.write(aside.resolve("cgroup.procs"), Integer.toString(pid));
        }
    }

    @Override
    public Optional<Cgroup> find(String name) {
        Path directory = parent.resolve(name);
        return Files.isDirectory(directory) ? Optional.of(new Group(name, directory)) : Optional.empty();
    }

    @Override
    public Set<String> names() {
        return CgroupFiles.childNames(parent);
    }

    @Override
    public List<Hierarchy> hierarchies() {
        return List.of(new Hierarchy("", "cgroup2", ""));
    }

    @Override
    public int version() {
        return 2;
    }

    /** From version 1's shares (2 to 262144) to a weight (1 to 10000), as the OCI runtime specification converts. */
    static long cpuWeight(long shares) {
        return 1 + (Math.max(shares, 2) - 2) * 9999 / 262142;
    }

    /** From version 1's weight (10 to 1000) to 1 to 10000. */
    static long ioWeight(int weight) {
        return 1 + (weight - 10) * 9999L / 990;
    }

    private static final class Group implements Cgroup {
        private final String name;
        private final Path directory;

        Group(String name, Path directory) {
            this.name = name;
            this.directory = directory;
        }

        Fd open() {
            try (Directory group = Directory.open(directory)) {
                return group.fd().duplicate();
            }
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public List<Fd> openTasks() {
            return List.of();
        }

        @Override
        public Optional<Fd> openDirectory() {
            return Optional.of(open());
        }

        @Override
        public void update(CgroupLimits limits) {
            Long memory = limits.memoryBytes();
            write("memory.max", memory);
            write("memory.low", limits.memoryReservationBytes());
            writeSwap(memory, limits.memorySwapBytes());
            Long shares = limits.cpuShares();
            write("cpu.weight", shares == null || shares == 0 ? null : cpuWeight(shares));
            if (limits.cpuQuotaMicros() != null || limits.cpuPeriodMicros() != null) {
                Long quota = limits.cpuQuotaMicros();
                Long period = limits.cpuPeriodMicros();
                write(
                        "cpu.max",
                        (quota == null || quota < 0 ? "max" : quota) + " "
                                + (period == null ? DEFAULT_PERIOD_MICROS : period));
            }
            write("cpuset.cpus", limits.cpusetCpus());
            write("cpuset.mems", limits.cpusetMems());
            Long pids = limits.pids();
            write("pids.max", pids == null ? null : pids < 0 ? "max" : pids);
            Integer weight = limits.blkioWeight();
            if (weight != null) {
                if (Files.exists(directory.resolve("io.bfq.weight"))) {
                    write("io.bfq.weight", weight);
                } else {
                    write("io.weight", "default " + ioWeight(weight));
                }
            }
        }

        /** Version 1 counts memory and swap together, version 2 swap alone. */
        private void writeSwap(@Nullable Long memory, @Nullable Long memorySwap) {
            if (memorySwap == null || !Files.exists(directory.resolve("memory.swap.max"))) {
                return;
            }
            write("memory.swap.max", memorySwap < 0 || memory == null ? "max" : Math.max(0, memorySwap - memory));
        }

        private void write(String file, @Nullable Object value) {
            if (value != null) {
                CgroupFiles.write(directory.resolve(file), value.toString());
            }
        }

        @Override
        public void freeze() {
            write("cgroup.freeze", 1);
        }

        @Override
        public void thaw() {
            write("cgroup.freeze", 0);
        }

        @Override
        public void kill() {
            if (Files.isDirectory(directory)) {
                write("cgroup.kill", 1);
            }
        }

        @Override
        public List<Integer> processes() {
            List<Integer> pids = new ArrayList<>(CgroupFiles.readPids(directory.resolve("cgroup.procs")));
            for (String child : CgroupFiles.childNames(directory)) {
                pids.addAll(new Group(name, directory.resolve(child)).processes());
            }
            return pids;
        }

        @Override
        public long outOfMemoryKills() {
            return CgroupFiles.readKey(directory.resolve("memory.events"), "oom_kill");
        }

        @Override
        public CgroupStats stats() {
            return StatsFiles.version2(directory);
        }

        @Override
        public boolean remove() {
            return CgroupFiles.remove(directory);
        }
    }
}
