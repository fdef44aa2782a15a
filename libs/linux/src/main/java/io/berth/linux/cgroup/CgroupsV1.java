package io.berth.linux.cgroup;

import io.berth.linux.fd.Fd;
import io.berth.linux.poll.FdPoller;
import java.io.IOException;
import java.io.UncheckedIOException;
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
    private final Map<String, Path> mountPoints;
    private final List<Hierarchy> hierarchies;
    private final String parent;

    /**
     * @param mountPoints where each controller's hierarchy is mounted
     * @param hierarchies all version 1 hierarchies
     * @param parent path of the group that all others are made below
     */
    CgroupsV1(Map<String, Path> mountPoints, List<Hierarchy> hierarchies, String parent) {
        this.mountPoints = Map.copyOf(mountPoints);
        this.hierarchies = List.copyOf(hierarchies);
        this.parent = parent;
    }

    @Override
    public Cgroups below(String other) {
        return new CgroupsV1(mountPoints, hierarchies, Cgroups.relativeParent(other));
    }

    @Override
    public CgroupSupport support() {
        Path cpuset = mountPoints.get(CPUSET);
        boolean weight = has("blkio", "blkio.weight") || has("blkio", "blkio.bfq.weight");
        return new CgroupSupport(
                mountPoints.containsKey("memory"),
                has("memory", "memory.memsw.limit_in_bytes"),
                has("memory", "memory.soft_limit_in_bytes"),
                has("memory", "memory.swappiness"),
                has("memory", "memory.oom_control"),
                has("cpu", "cpu.shares"),
                has("cpu", "cpu.cfs_quota_us"),
                has("cpu", "cpu.rt_runtime_us"),
                cpuset != null,
                mountPoints.containsKey("pids"),
                weight,
                has("blkio", "blkio.weight_device") || has("blkio", "blkio.bfq.weight_device"),
                has("blkio", "blkio.throttle.read_bps_device"),
                cpuset == null ? "" : CgroupFiles.readIfPresent(cpuset.resolve("cpuset.cpus")),
                cpuset == null ? "" : CgroupFiles.readIfPresent(cpuset.resolve("cpuset.mems")));
    }

    /** The root of a hierarchy lacks some files, so the parent group is asked. */
    private boolean has(String controller, String file) {
        Path mountPoint = mountPoints.get(controller);
        return mountPoint != null && Files.exists(mountPoint.resolve(parent).resolve(file));
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
        Path cpuset = mountPoints.get(CPUSET);
        Group group = new Group(name, directories);
        try {
            for (Map.Entry<String, Path> entry : directories.entrySet()) {
                CgroupFiles.makeDirectory(entry.getValue());
                if (entry.getKey().equals(CPUSET) && cpuset != null) {
                    inheritCpuset(cpuset, entry.getValue());
                }
            }
            group.update(limits);
            Path deviceGroup = directories.get("devices");
            if (!devices.all() && deviceGroup != null) {
                CgroupFiles.write(deviceGroup.resolve("devices.deny"), "a");
                CgroupFiles.writeEach(deviceGroup.resolve("devices.allow"), devices.lines());
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
    private static void inheritCpuset(Path hierarchy, Path directory) {
        Path group = hierarchy;
        for (Path name : hierarchy.relativize(directory)) {
            Path above = group;
            group = group.resolve(name);
            for (String file : List.of("cpuset.cpus", "cpuset.mems")) {
                if (CgroupFiles.read(group.resolve(file)).isEmpty()) {
                    CgroupFiles.write(group.resolve(file), CgroupFiles.read(above.resolve(file)));
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

    private final class Group implements Cgroup {
        private static final int ROUNDS = 10;

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

        @Override
        public List<Path> directories() {
            return directories.values().stream()
                    .distinct()
                    .filter(Files::isDirectory)
                    .toList();
        }

        /** One file for each hierarchy: controllers mounted together share a directory. */
        @Override
        public List<Fd> openTasks() {
            List<Fd> tasks = new ArrayList<>();
            try {
                for (Path directory : new LinkedHashSet<>(directories.values())) {
                    tasks.add(CgroupFiles.openForWriting(directory.resolve("tasks")));
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
            CgroupLimits.Memory memory = limits.memory();
            writeMemory(memory);
            write("memory", "memory.soft_limit_in_bytes", memory.reservationBytes());
            write("memory", "memory.swappiness", memory.swappiness());
            Boolean oomKillDisable = memory.oomKillDisable();
            write("memory", "memory.oom_control", oomKillDisable == null ? null : oomKillDisable ? "1" : "0");
            writeCpu(limits.cpu());
            if (limits.usesCpuset()) {
                writeCpuset(limits.cpu());
            }
            Long pids = limits.pids();
            write("pids", "pids.max", pids == null ? null : pids <= 0 ? "max" : pids.toString());
            writeBlockIo(limits.blockIo());
        }

        /**
         * The limit of memory and swap must never be below that of memory, so when both grow it is written first, and when both
         * shrink last. A kernel without swap accounting has no file for it, which is then not an error.
         */
        private void writeMemory(CgroupLimits.Memory limits) {
            Path memory = directories.get("memory");
            if (memory == null) {
                return;
            }
            Long bytes = limits.bytes();
            Path swapFile = memory.resolve("memory.memsw.limit_in_bytes");
            Long swap = limits.withSwapBytes();
            if (swap == null && bytes != null && bytes < 0) {
                swap = bytes; // unlimited memory with limited swap cannot be
            }
            if (swap == null || !Files.exists(swapFile)) {
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

        private void writeCpu(CgroupLimits.Cpu cpu) {
            write("cpu", "cpu.shares", cpu.shares());
            Path directory = directories.get("cpu");
            Path hierarchy = mountPoints.get("cpu");
            if (directory != null && hierarchy != null) {
                RealtimeBudget.set(hierarchy, directory, cpu.realtimePeriodMicros(), cpu.realtimeRuntimeMicros());
            }
            Long quota = cpu.quotaMicros();
            String quotaText = quota == null ? null : quota <= 0 ? "-1" : quota.toString();
            try {
                write("cpu", "cpu.cfs_period_us", cpu.periodMicros());
                write("cpu", "cpu.cfs_quota_us", quotaText);
            } catch (UncheckedIOException e) {
                // A period that does not fit the quota that was: the new quota first then.
                write("cpu", "cpu.cfs_quota_us", quotaText);
                write("cpu", "cpu.cfs_period_us", cpu.periodMicros());
            }
        }

        /** Only who is restricted has a group in this hierarchy; who comes to it later brings its processes. */
        private void writeCpuset(CgroupLimits.Cpu cpu) {
            Path mountPoint = mountPoints.get(CPUSET);
            if (mountPoint == null) {
                return;
            }
            Path directory = mountPoint.resolve(parent).resolve(name);
            boolean late = !directories.containsKey(CPUSET);
            if (late) {
                CgroupFiles.makeDirectory(directory);
                inheritCpuset(mountPoint, directory);
            }
            writeIfGiven(directory.resolve("cpuset.cpus"), cpu.cpus());
            writeIfGiven(directory.resolve("cpuset.mems"), cpu.mems());
            if (late) {
                moveTo(directory.resolve("cgroup.procs"));
            }
        }

        private void moveTo(Path processesFile) {
            for (int round = 0; round < ROUNDS; round++) {
                List<Integer> left = new ArrayList<>(processes());
                left.removeAll(CgroupFiles.readPids(processesFile));
                if (left.isEmpty()) {
                    return;
                }
                left.forEach(pid -> moveTo(processesFile, pid));
            }
        }

        private static void moveTo(Path processesFile, int pid) {
            try {
                CgroupFiles.write(processesFile, Integer.toString(pid));
            } catch (UncheckedIOException e) {
                if (Files.exists(Path.of("/proc/" + pid + "/cgroup"))) {
                    throw e;
                }
            }
        }

        private void writeBlockIo(CgroupLimits.BlockIo limits) {
            // Which file there is depends on the scheduler that the kernel was built with.
            Path blkio = directories.get("blkio");
            if (blkio == null) {
                return;
            }
            String prefix = Files.exists(blkio.resolve("blkio.weight")) ? "blkio.weight" : "blkio.bfq.weight";
            writeIfGiven(blkio.resolve(prefix), limits.weight());
            for (CgroupLimits.DeviceWeight device : limits.weights()) {
                CgroupFiles.write(
                        blkio.resolve(prefix + "_device"),
                        device.major() + ":" + device.minor() + " " + device.weight());
            }
            for (CgroupLimits.Throttle throttle : limits.throttles()) {
                CgroupFiles.write(
                        blkio.resolve(throttle.kind().version1File()),
                        throttle.major() + ":" + throttle.minor() + " " + throttle.rate());
            }
        }

        private static void writeIfGiven(Path file, @Nullable Object value) {
            if (value != null) {
                CgroupFiles.write(file, value.toString());
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
            Path freezer = directories.get("freezer");
            if (freezer == null) {
                throw new UncheckedIOException(new IOException("cannot freeze: the freezer controller is not mounted"));
            }
            try {
                // Written again each time: a process that was just being forked may have held the kernel up.
                CgroupFiles.await("freezing " + name, () -> {
                    write("freezer", "freezer.state", "FROZEN");
                    return CgroupFiles.read(freezer.resolve("freezer.state")).equals("FROZEN");
                });
            } catch (UncheckedIOException e) {
                thaw();
                throw e;
            }
        }

        @Override
        public void thaw() {
            write("freezer", "freezer.state", "THAWED");
        }

        /** Frozen processes cannot fork; the kill takes effect when they are thawed. */
        @Override
        public void kill() {
            for (int round = 0; round < ROUNDS && !processes().isEmpty(); round++) {
                write("freezer", "freezer.state", "FROZEN");
                try {
                    processes().forEach(pid -> CgroupFiles.kill(pid));
                } finally {
                    thaw();
                }
            }
        }

        @Override
        public List<Integer> processes() {
            return CgroupFiles.processesBelow(directories.values().iterator().next());
        }

        @Override
        public long outOfMemoryKills() {
            Path memory = directories.get("memory");
            return memory == null ? 0 : CgroupFiles.readKey(memory.resolve("memory.oom_control"), "oom_kill");
        }

        @Override
        public Optional<OutOfMemoryWatch> watchMemory(FdPoller poller, Runnable listener) {
            Path memory = directories.get("memory");
            return memory == null || !Files.isDirectory(memory)
                    ? Optional.empty()
                    : Optional.of(OutOfMemoryWatch.ofVersion1(memory, poller, listener));
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
