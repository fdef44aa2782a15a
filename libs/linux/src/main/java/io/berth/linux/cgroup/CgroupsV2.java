package io.berth.linux.cgroup;

import io.berth.linux.fd.Directory;
import io.berth.linux.fd.Fd;
import io.berth.linux.poll.FdPoller;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
     * @param parent path of the group that all others are made below
     */
    CgroupsV2(Path root, String parent) {
        this.root = root;
        this.parent = root.resolve(parent);
    }

    @Override
    public Cgroups below(String other) {
        return new CgroupsV2(root, Cgroups.relativeParent(other));
    }

    /** As moby has it: what the controller can do is taken to work, and swappiness, OOM control and real time do not exist. */
    @Override
    public CgroupSupport support() {
        List<String> controllers = controllers(parent);
        boolean cpu = controllers.contains("cpu");
        boolean memory = controllers.contains("memory");
        boolean io = controllers.contains("io");
        return new CgroupSupport(
                memory,
                Files.exists(parent.resolve("memory.swap.max")),
                memory,
                false,
                false,
                cpu,
                cpu,
                false,
                controllers.contains("cpuset"),
                controllers.contains("pids"),
                io,
                Files.exists(parent.resolve("io.bfq.weight")),
                io,
                CgroupFiles.readIfPresent(root.resolve("cpuset.cpus.effective")),
                CgroupFiles.readIfPresent(root.resolve("cpuset.mems.effective")));
    }

    private static List<String> controllers(Path group) {
        return Arrays.asList(
                CgroupFiles.readIfPresent(group.resolve("cgroup.controllers")).split(" "));
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
            if (!devices.all()) {
                try (Fd fd = group.open()) {
                    DeviceProgram.attach(fd, devices);
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
        Path group = root;
        enableControllers(group);
        for (Path name : root.relativize(parent)) {
            group = group.resolve(name);
            enableControllers(group);
        }
        prepared = true;
    }

    private static void enableControllers(Path group) {
        List<String> available = controllers(group);
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

    /**
     * From version 1's shares (2 to 262144) to a weight (1 to 10000), so that both defaults, 1024 and 100, and both ends
     * meet (opencontainers/cgroups: ConvertCPUSharesToCgroupV2Value, runc 1.3.2 and later).
     */
    static long cpuWeight(long shares) {
        if (shares <= 2) {
            return 1;
        }
        if (shares >= 262_144) {
            return 10_000;
        }
        double log = Math.log((double) shares) / Math.log(2);
        double exponent = (log * log + 125 * log) / 612.0 - 7.0 / 34.0;
        // Rounding errors must not lift what is a whole number to the next.
        return (long) Math.ceil(Math.pow(10, exponent) - 1e-9);
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
        public List<Path> directories() {
            return List.of(directory);
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
            writeMemory(limits.memory());
            CgroupLimits.Cpu cpu = limits.cpu();
            Long shares = cpu.shares();
            write("cpu.weight", shares == null || shares == 0 ? null : cpuWeight(shares));
            if (cpu.quotaMicros() != null || cpu.periodMicros() != null) {
                writeCpuMax(cpu.quotaMicros(), cpu.periodMicros());
            }
            write("cpuset.cpus", cpu.cpus());
            write("cpuset.mems", cpu.mems());
            Long pids = limits.pids();
            write("pids.max", pids == null ? null : pids <= 0 ? "max" : pids);
            writeBlockIo(limits.blockIo());
        }

        /** Swap first: the limit of memory is what it is counted from where only swap is given. */
        private void writeMemory(CgroupLimits.Memory limits) {
            Long bytes = limits.bytes();
            Long withSwap = limits.withSwapBytes();
            if (withSwap != null && Files.exists(directory.resolve("memory.swap.max"))) {
                long memory = bytes == null ? CgroupStats.parseLimit(read("memory.max")) : bytes;
                boolean unlimited = withSwap < 0 || memory < 0 || memory == Long.MAX_VALUE;
                // Version 1 counts memory and swap together, version 2 swap alone.
                write("memory.swap.max", unlimited ? "max" : Math.max(0, withSwap - memory));
            }
            write("memory.max", bytes == null ? null : bytes < 0 ? "max" : bytes);
            Long reservation = limits.reservationBytes();
            write("memory.low", reservation == null ? null : reservation < 0 ? "max" : reservation);
        }

        /** One file has both: what is not given stays. */
        private void writeCpuMax(@Nullable Long quota, @Nullable Long period) {
            List<String> present = List.of(read("cpu.max").split(" "));
            String quotaText = quota == null ? present.getFirst() : quota <= 0 ? "max" : quota.toString();
            String periodText = period == null
                    ? present.size() == 2 ? present.getLast() : Long.toString(DEFAULT_PERIOD_MICROS)
                    : period.toString();
            write("cpu.max", (quotaText.isEmpty() ? "max" : quotaText) + " " + periodText);
        }

        private void writeBlockIo(CgroupLimits.BlockIo limits) {
            boolean bfq = Files.exists(directory.resolve("io.bfq.weight"));
            Integer weight = limits.weight();
            if (weight != null) {
                write(bfq ? "io.bfq.weight" : "io.weight", bfq ? weight : "default " + ioWeight(weight));
            }
            for (CgroupLimits.DeviceWeight device : limits.weights()) {
                write("io.bfq.weight", device.major() + ":" + device.minor() + " " + device.weight());
            }
            for (CgroupLimits.Throttle throttle : limits.throttles()) {
                write(
                        "io.max",
                        throttle.major() + ":" + throttle.minor() + " "
                                + throttle.kind().version2Key() + "="
                                + (throttle.rate() == 0 ? "max" : throttle.rate()));
            }
        }

        private String read(String file) {
            return CgroupFiles.readIfPresent(directory.resolve(file));
        }

        private void write(String file, @Nullable Object value) {
            if (value != null) {
                CgroupFiles.write(directory.resolve(file), value.toString());
            }
        }

        @Override
        public void freeze() {
            write("cgroup.freeze", 1);
            try {
                CgroupFiles.await(
                        "freezing " + name,
                        () -> CgroupFiles.readKey(directory.resolve("cgroup.events"), "frozen") == 1);
            } catch (UncheckedIOException e) {
                thaw();
                throw e;
            }
        }

        @Override
        public void thaw() {
            write("cgroup.freeze", 0);
        }

        /** The kernel wakes frozen processes to die; thawing lets what is forked into the group later run. */
        @Override
        public void kill() {
            if (Files.isDirectory(directory)) {
                write("cgroup.kill", 1);
                thaw();
            }
        }

        @Override
        public List<Integer> processes() {
            return CgroupFiles.processesBelow(directory);
        }

        @Override
        public long outOfMemoryKills() {
            return CgroupFiles.readKey(directory.resolve("memory.events"), "oom_kill");
        }

        @Override
        public Optional<OutOfMemoryWatch> watchMemory(FdPoller poller, Runnable listener) {
            return Files.exists(directory.resolve("memory.events"))
                    ? Optional.of(OutOfMemoryWatch.ofVersion2(directory, "memory.events", "oom_kill", poller, listener))
                    : Optional.empty();
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
