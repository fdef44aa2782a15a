package io.berth.linux.cgroup;

import io.berth.linux.fd.Fd;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Version 1: one hierarchy for each controller (or a few together), each with its own group of the same name. */
final class CgroupsV1 implements Cgroups {
    /** Controllers that every container is in, in the order in which it joins them. */
    private static final List<String> ALWAYS =
            List.of("memory", "cpu", "cpuacct", "blkio", "pids", "devices", "freezer");

    private static final String CPUSET = "cpuset";
    private static final List<String> DEFAULT_DEVICES = List.of(
            "c *:* m",
            "b *:* m",
            "c 1:3 rwm",
            "c 1:5 rwm",
            "c 1:7 rwm",
            "c 1:8 rwm",
            "c 1:9 rwm",
            "c 5:0 rwm",
            "c 5:2 rwm",
            "c 136:* rwm");

    private final Map<String, Path> mountPoints;
    private final List<Hierarchy> hierarchies;
    private final String parent;

    /**
     * @param mountPoints where each controller's hierarchy is mounted
     * @param hierarchies all version 1 hierarchies
     * @param parent name of the group that all others are made below
     */
    CgroupsV1(Map<String, Path> mountPoints, List<Hierarchy> hierarchies, String parent) {
        this.mountPoints = Map.copyOf(mountPoints);
        this.hierarchies = List.copyOf(hierarchies);
        this.parent = parent;
    }

    @Override
    public void prepare() {
        for (String controller : ALWAYS) {
            Path mountPoint = mountPoints.get(controller);
            if (mountPoint != null) {
                CgroupFiles.makeDirectory(mountPoint.resolve(parent));
            }
        }
    }

    @Override
    public void removeParentIfEmpty() {
        for (Path mountPoint : Set.copyOf(mountPoints.values())) {
            CgroupFiles.removeIfEmpty(mountPoint.resolve(parent));
        }
    }

    @Override
    public Cgroup create(String name, CgroupLimits limits, DevicePolicy devices) {
        Map<String, Path> directories = directories(name, limits.usesCpuset());
        Group group = new Group(name, directories);
        try {
            for (Map.Entry<String, Path> entry : directories.entrySet()) {
                CgroupFiles.makeDirectory(entry.getValue());
                if (entry.getKey().equals(CPUSET)) {
                    inheritCpuset(entry.getValue());
                }
            }
            group.update(limits);
            Path deviceGroup = directories.get("devices");
            if (devices == DevicePolicy.CONTAINER_DEFAULT && deviceGroup != null) {
                CgroupFiles.write(deviceGroup.resolve("devices.deny"), "a");
                CgroupFiles.writeEach(deviceGroup.resolve("devices.allow"), DEFAULT_DEVICES);
            }
            return group;
        } catch (RuntimeException e) {
            group.remove();
            throw e;
        }
    }

    private Map<String, Path> directories(String name, boolean cpuset) {
        Map<String, Path> directories = new LinkedHashMap<>();
        List<String> controllers = new ArrayList<>(ALWAYS);
        if (cpuset) {
            controllers.add(CPUSET);
        }
        for (String controller : controllers) {
            Path mountPoint = mountPoints.get(controller);
            if (mountPoint != null) {
                directories.put(controller, mountPoint.resolve(parent).resolve(name));
            }
        }
        return directories;
    }

    /** A new cpuset is empty and admits no process until it has CPUs and memory nodes: it takes its parent's. */
    private static void inheritCpuset(Path directory) {
        for (Path group : List.of(directory.resolve(".."), directory)) {
            for (String file : List.of("cpuset.cpus", "cpuset.mems")) {
                if (CgroupFiles.read(group.resolve(file)).isEmpty()) {
                    CgroupFiles.write(
                            group.resolve(file),
                            CgroupFiles.read(group.resolve("..").resolve(file)));
                }
            }
        }
    }

    @Override
    public Optional<Cgroup> find(String name) {
        Map<String, Path> existing = new LinkedHashMap<>();
        directories(name, true).forEach((controller, directory) -> {
            if (Files.isDirectory(directory)) {
                existing.put(controller, directory);
            }
        });
        return existing.isEmpty() ? Optional.empty() : Optional.of(new Group(name, existing));
    }

    @Override
    public Set<String> names() {
        Set<String> names = new LinkedHashSet<>();
        for (Path mountPoint : Set.copyOf(mountPoints.values())) {
            names.addAll(CgroupFiles.childNames(mountPoint.resolve(parent)));
        }
        return names;
    }

    @Override
    public List<Hierarchy> hierarchies() {
        return hierarchies;
    }

    @Override
    public int version() {
        return 1;
    }

    private static final class Group implements Cgroup {
        private static final int KILL_ROUNDS = 10;

        private final String name;
        private final Map<String, Path> directories;

        Group(String name, Map<String, Path> directories) {
            this.name = name;
            this.directories = directories;
        }

        @Override
        public String name() {
            return name;
        }

        /** One file for each hierarchy: controllers mounted together share a directory. */
        @Override
        public List<Fd> openTasks() {
            List<Fd> tasks = new ArrayList<>();
            try {
                for (Path directory : new LinkedHashSet<>(directories.values())) {
                    tasks.add(CgroupFiles.openForWriting(directory, "tasks"));
                }
                return tasks;
            } catch (RuntimeException e) {
                tasks.forEach(Fd::close);
                throw e;
            }
        }

        @Override
        public Optional<Fd> openDirectory() {
            return Optional.empty();
        }

        @Override
        public void update(CgroupLimits limits) {
            writeMemory(limits);
            write("memory", "memory.soft_limit_in_bytes", limits.memoryReservationBytes());
            write("cpu", "cpu.shares", limits.cpuShares());
            write("cpu", "cpu.cfs_period_us", limits.cpuPeriodMicros());
            write("cpu", "cpu.cfs_quota_us", limits.cpuQuotaMicros());
            write(CPUSET, "cpuset.cpus", limits.cpusetCpus());
            write(CPUSET, "cpuset.mems", limits.cpusetMems());
            Long pids = limits.pids();
            write("pids", "pids.max", pids == null ? null : pids < 0 ? "max" : pids.toString());
            writeBlkioWeight(limits.blkioWeight());
        }

        /**
         * The limit of memory and swap must never be below that of memory, so when both grow it is written first, and when both
         * shrink last. A kernel without swap accounting has no file for it, which is then not an error.
         */
        private void writeMemory(CgroupLimits limits) {
            Path memory = directories.get("memory");
            if (memory == null) {
                return;
            }
            Path swapFile = memory.resolve("memory.memsw.limit_in_bytes");
            Long swap = Files.exists(swapFile) ? limits.memorySwapBytes() : null;
            Long bytes = limits.memoryBytes();
            if (swap == null) {
                write("memory", "memory.limit_in_bytes", bytes);
                return;
            }
            boolean growing =
                    swap < 0 || Long.compareUnsigned(swap, Long.parseUnsignedLong(CgroupFiles.read(swapFile))) > 0;
            if (growing) {
                CgroupFiles.write(swapFile, swap.toString());
            }
            write("memory", "memory.limit_in_bytes", bytes);
            if (!growing) {
                CgroupFiles.write(swapFile, swap.toString());
            }
        }

        /** The file depends on the scheduler that the kernel was built with; without one there is no weight to set. */
        private void writeBlkioWeight(@Nullable Integer weight) {
            Path blkio = directories.get("blkio");
            if (weight != null && blkio != null) {
                String file = Files.exists(blkio.resolve("blkio.weight")) ? "blkio.weight" : "blkio.bfq.weight";
                if (Files.exists(blkio.resolve(file))) {
                    CgroupFiles.write(blkio.resolve(file), weight.toString());
                }
            }
        }

        private void write(String controller, String file, @Nullable Object value) {
            Path directory = directories.get(controller);
            if (value != null && directory != null) {
                CgroupFiles.write(directory.resolve(file), value.toString());
            }
        }

        @Override
        public void freeze() {
            write("freezer", "freezer.state", "FROZEN");
        }

        @Override
        public void thaw() {
            write("freezer", "freezer.state", "THAWED");
        }

        /** Frozen processes cannot fork; the kill takes effect when they are thawed. */
        @Override
        public void kill() {
            for (int round = 0; round < KILL_ROUNDS && !processes().isEmpty(); round++) {
                freeze();
                try {
                    processes().forEach(pid -> CgroupFiles.kill(pid));
                } finally {
                    thaw();
                }
            }
        }

        @Override
        public List<Integer> processes() {
            Path directory = directories.values().iterator().next();
            List<Integer> pids = new ArrayList<>(CgroupFiles.readPids(directory.resolve("cgroup.procs")));
            for (String child : CgroupFiles.childNames(directory)) {
                pids.addAll(CgroupFiles.readPids(directory.resolve(child).resolve("cgroup.procs")));
            }
            return pids;
        }

        @Override
        public long outOfMemoryKills() {
            Path memory = directories.get("memory");
            return memory == null ? 0 : CgroupFiles.readKey(memory.resolve("memory.oom_control"), "oom_kill");
        }

        @Override
        public CgroupStats stats() {
            return StatsFiles.version1(directories);
        }

        @Override
        public boolean remove() {
            boolean removed = true;
            for (Path directory : new LinkedHashSet<>(directories.values())) {
                removed &= CgroupFiles.remove(directory);
            }
            return removed;
        }
    }
}
