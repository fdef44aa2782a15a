package io.berth.engine.runtime.kernel;

import io.berth.engine.runtime.ContainerLaunch;
import io.berth.engine.runtime.Isolation.IdRange;
import io.berth.linux.Errno;
import io.berth.linux.abi.SyscallNumber;
import io.berth.linux.launch.Argument;
import io.berth.linux.launch.Blob;
import io.berth.linux.launch.FdArgument;
import io.berth.linux.launch.FileSteps;
import io.berth.linux.launch.LaunchProgram;
import io.berth.linux.launch.LaunchProgramBuilder;
import io.berth.linux.mount.FileSystemMagic;
import io.berth.linux.mount.MountAttribute;
import io.berth.linux.mount.MountFlag;
import io.berth.linux.mount.UnmountFlag;
import io.berth.linux.namespace.Namespace;
import io.berth.linux.netlink.LinkRequests;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The launch program of a container's first process: what its child does inside its new namespaces.
 *
 * <p>Pure policy; the order is the point, and each constraint says what breaks when it is not kept. Descriptors are opened
 * beforehand, so no path of the host is resolved where an image could have a say.
 *
 * @param launch what to start
 * @param namespaces which it has for itself and which it joins
 * @param nodes devices beside the usual ones
 * @param root the detached mount of the container's root
 * @param attachPoint a directory of the host where the root is attached before it becomes {@code /}; with user ids of its own the
 *     container can look into hardly any, and takes {@code /} itself
 * @param terminals the detached devpts instance
 * @param devices a detached /dev with its devices, exactly for a container with user ids of its own, which cannot make them
 * @param cgroupTasks v1: the open {@code tasks} files of the container's cgroups; v2 joins by the clone itself
 * @param cgroupMounts how to show the container its own cgroups
 * @param mounts what users mount, and files over /etc/hosts and the like
 * @param kernelPaths which paths the running kernel has
 * @param process streams, privileges and the program
 */
record ContainerProgram(
        ContainerLaunch launch,
        NamespaceProgram namespaces,
        List<HostDevices.Node> nodes,
        FdArgument root,
        String attachPoint,
        FdArgument terminals,
        Optional<FdArgument> devices,
        List<FdArgument> cgroupTasks,
        List<CgroupMount> cgroupMounts,
        MountProgram mounts,
        KernelPaths kernelPaths,
        ProcessSetup process) {

    private static final int S_IFCHR = 0020000;
    private static final int S_IFREG = 0100000;
    private static final int AT_SYMLINK_NOFOLLOW = 0x100;
    private static final int O_CREAT = 0100;
    private static final int O_CLOEXEC = 02000000;
    private static final int O_PATH = 010000000;
    private static final int O_WRONLY = 1;
    private static final int AF_INET = 2;
    private static final int SOCK_DGRAM = 2;
    private static final int SOCK_CLOEXEC = 02000000;
    private static final int SIOCSIFFLAGS = 0x8914;
    private static final int OPEN_TREE_CLONE = 1;
    private static final int AT_EMPTY_PATH = 0x1000;
    private static final int RDONLY = MountFlag.READ_ONLY.bit();
    private static final int NOSUID = MountFlag.NO_SUID.bit();
    private static final int NODEV = MountFlag.NO_DEVICES.bit();
    private static final int NOEXEC = MountFlag.NO_EXEC.bit();
    private static final int REMOUNT = MountFlag.REMOUNT.bit();
    private static final int BIND = MountFlag.BIND.bit();
    private static final int REC = MountFlag.RECURSIVE.bit();
    private static final int PRIVATE = MountFlag.PRIVATE.bit();
    private static final int RELATIME = MountFlag.RELATIVE_ACCESS_TIME.bit();
    private static final int STRICTATIME = MountFlag.STRICT_ACCESS_TIME.bit();
    private static final int MNT_DETACH = (int) UnmountFlag.bits(Set.of(UnmountFlag.DETACH));
    private static final int ATTR_RDONLY = (int) MountAttribute.bits(Set.of(MountAttribute.READ_ONLY));
    private static final int DEFAULT_MOUNT = NOSUID | NODEV | NOEXEC;

    /** A device that every container has (runc: libcontainer/specconv, AllowedDevices). */
    record Device(String name, int major, int minor) {}

    static final List<Device> DEVICES = List.of(
            new Device("null", 1, 3),
            new Device("zero", 1, 5),
            new Device("full", 1, 7),
            new Device("random", 1, 8),
            new Device("urandom", 1, 9),
            new Device("tty", 5, 0));

    /**
     * A cgroup hierarchy inside the container.
     *
     * @param path below /sys/fs/cgroup; empty for the v2 hierarchy, which is /sys/fs/cgroup itself
     * @param type {@code cgroup} or {@code cgroup2}
     * @param options such as {@code memory} or {@code name=systemd}
     */
    record CgroupMount(String path, String type, String options) {}

    LaunchProgram build() {
        LaunchProgramBuilder program = LaunchProgram.builder();
        process.addBeforeEntering(program);
        cgroupTasks.forEach(tasks -> program.process().joinCgroup(tasks));
        if (showsOwnCgroup()) {
            // After joining: the cgroup a process is in when it makes the namespace becomes the namespace's root.
            program.process().unshare(Set.of(Namespace.CGROUP));
        }
        namespaces.addJoins(program);
        program.process().setsid();
        // Modes below are exact.
        program.files().umask(0);
        enterRoot(program);
        mountKernelFileSystems(program);
        makeDevices(program);
        if (namespaces.owns(Namespace.UTS)) {
            nameHost(program);
        }
        if (namespaces.owns(Namespace.NETWORK)) {
            raiseLoopback(program);
            allowUnprivilegedNetworking(program);
        }
        setSysctls(program);
        Optional<FdArgument> nullDevice = openNullDevice(program);
        mounts.addTo(program);
        if (!launch.privileged()) {
            // After the mounts, since they may bring what is to be protected.
            protectPaths(program, nullDevice);
        }
        if (launch.readonlyRoot()) {
            // Last of the mounts: targets had to be made in the root.
            program.named("make the root read-only").mounts().mountSetattr(FdArgument.CWD, "/", 0, ATTR_RDONLY, 0, 0);
        }
        if (namespaces.joinsPid()) {
            process.addEnteringTo(program);
        } else {
            process.addTo(program);
        }
        return program.build();
    }

    private void enterRoot(LaunchProgramBuilder program) {
        // Else mounts below would reach the host through shared propagation.
        program.named("make mounts private").mounts().mount("none", "/", "", REC | PRIVATE, "");
        program.named("attach the root").mounts().moveMount(root, FdArgument.CWD, attachPoint);
        program.named("enter the root").files().fchdir(root);
        if (ownUsers()) {
            // The kernel lets them mount these only while a whole one is in sight, and the host's goes with its root.
            program.named("mount proc on /proc").mounts().mount("proc", "proc", "proc", DEFAULT_MOUNT, "");
            program.named("mount sysfs on /sys")
                    .mounts()
                    .mount("sysfs", "sys", "sysfs", DEFAULT_MOUNT | readonly(), "");
        }
        // pivot_root(".", ".") stacks the old root on the new one, where it is detached: no directory is needed for it.
        program.mounts().pivotRoot(".", ".");
        program.named("detach the host's root").mounts().umount2(".", MNT_DETACH);
        program.files().chdir("/");
    }

    private void mountKernelFileSystems(LaunchProgramBuilder program) {
        Optional<FdArgument> shared = namespaces.proc();
        if (shared.isPresent()) {
            program.named("mount the shared /proc").mounts().moveMount(shared.get(), FdArgument.CWD, "/proc");
        } else if (!ownUsers()) {
            mount(program, "proc", "/proc", "proc", DEFAULT_MOUNT, "");
        }
        if (devices.isPresent()) {
            program.named("mount tmpfs on /dev").mounts().moveMount(devices.get(), FdArgument.CWD, "/dev");
        } else {
            mount(program, "tmpfs", "/dev", "tmpfs", NOSUID | STRICTATIME, "mode=755,size=65536k");
        }
        FileSteps files = program.files();
        for (String directory : List.of("/dev/pts", "/dev/mqueue")) {
            files.mkdirat(FdArgument.CWD, directory, 0755);
        }
        program.named("mount devpts on /dev/pts").mounts().moveMount(terminals, FdArgument.CWD, "/dev/pts");
        mountShm(program);
        mount(program, "mqueue", "/dev/mqueue", "mqueue", DEFAULT_MOUNT, "");
        if (!ownUsers()) {
            mount(program, "sysfs", "/sys", "sysfs", DEFAULT_MOUNT | readonly(), "");
        }
        mountCgroups(program, readonly());
        namespaces.leaveCgroupNamespace(program);
    }

    private boolean ownUsers() {
        return launch.isolation().users() != null;
    }

    private int readonly() {
        return launch.privileged() ? 0 : RDONLY;
    }

    /** With the host's namespace, version 2 shows the whole tree, and version 1 the container's own groups (as runc). */
    private boolean showsOwnCgroup() {
        return !namespaces.cgroupOfHost()
                || cgroupMounts.stream().anyMatch(mount -> !mount.path().isEmpty());
    }

    private void mountShm(LaunchProgramBuilder program) {
        Optional<FdArgument> shared = namespaces.shm();
        boolean covered = mounts.covers("/dev/shm");
        if (shared.isEmpty() && launch.shmSizeBytes() == 0 && !covered) {
            return;
        }
        program.files().mkdirat(FdArgument.CWD, "/dev/shm", 0755);
        if (covered) {
            return;
        }
        if (shared.isPresent()) {
            program.named("mount the shared /dev/shm").mounts().moveMount(shared.get(), FdArgument.CWD, "/dev/shm");
        } else {
            mount(program, "shm", "/dev/shm", "tmpfs", DEFAULT_MOUNT, "mode=1777,size=" + launch.shmSizeBytes());
        }
    }

    private void mountCgroups(LaunchProgramBuilder program, int readonly) {
        if (!kernelPaths.hasCgroupMountPoint()) {
            return;
        }
        boolean separate = cgroupMounts.stream().anyMatch(mount -> !mount.path().isEmpty());
        if (separate) {
            mount(program, "tmpfs", "/sys/fs/cgroup", "tmpfs", DEFAULT_MOUNT, "mode=755,size=64k");
        }
        for (CgroupMount hierarchy : cgroupMounts) {
            String target = "/sys/fs/cgroup" + (hierarchy.path().isEmpty() ? "" : "/" + hierarchy.path());
            if (!hierarchy.path().isEmpty()) {
                program.files().mkdirat(FdArgument.CWD, target, 0755);
            }
            mount(
                    program,
                    hierarchy.type(),
                    target,
                    hierarchy.type(),
                    DEFAULT_MOUNT | RELATIME | readonly,
                    hierarchy.options());
        }
        if (separate && readonly != 0) {
            program.named("make /sys/fs/cgroup read-only")
                    .mounts()
                    .mount("tmpfs", "/sys/fs/cgroup", "", REMOUNT | RDONLY | DEFAULT_MOUNT, "mode=755,size=64k");
        }
    }

    private void makeDevices(LaunchProgramBuilder program) {
        FileSteps files = program.files();
        for (Device device : devices.isPresent() ? List.<Device>of() : DEVICES) {
            files.mknodat(
                    FdArgument.CWD,
                    "/dev/" + device.name(),
                    S_IFCHR | 0666,
                    FileSteps.device(device.major(), device.minor()));
        }
        files.symlinkat("/proc/self/fd", FdArgument.CWD, "/dev/fd");
        files.symlinkat("/proc/self/fd/0", FdArgument.CWD, "/dev/stdin");
        files.symlinkat("/proc/self/fd/1", FdArgument.CWD, "/dev/stdout");
        files.symlinkat("/proc/self/fd/2", FdArgument.CWD, "/dev/stderr");
        files.symlinkat("pts/ptmx", FdArgument.CWD, "/dev/ptmx");
        if (kernelPaths.kind("/proc/kcore") != KernelPaths.Kind.MISSING) {
            files.symlinkat("/proc/kcore", FdArgument.CWD, "/dev/core");
        }
        for (int i = 0; i < nodes.size(); i++) {
            if (devices.isEmpty()) {
                makeDevice(program, nodes.get(i));
            } else if (DeviceFileSystem.belongsElsewhere(nodes.get(i))) {
                mountDevice(program, nodes.get(i), DeviceFileSystem.place(nodes.get(i), i));
            }
        }
        if (launch.process().stdio().tty()) {
            // Our own devpts instance has just been mounted and nothing of the image runs yet: 0 is our terminal.
            FdArgument console = files.openat(FdArgument.CWD, "/dev/console", O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
            files.close(console);
            program.named("bind the terminal to /dev/console")
                    .mounts()
                    .mount("/dev/pts/0", "/dev/console", "", BIND, "");
        }
    }

    /**
     * What every container has already stays as it is. Nothing of the image runs yet, and its links lead nowhere but into
     * the container's root.
     */
    private static void makeDevice(LaunchProgramBuilder program, HostDevices.Node node) {
        makeParents(program, node.path());
        program.tolerating(Errno.EEXIST)
                .named("make device " + node.path())
                .files()
                .mknodat(FdArgument.CWD, node.path(), node.mode(), FileSteps.device(node.major(), node.minor()));
        if (node.uid() != 0 || node.gid() != 0) {
            program.files()
                    .fchownat(FdArgument.CWD, node.path(), (int) node.uid(), (int) node.gid(), AT_SYMLINK_NOFOLLOW);
        }
    }

    private static void makeParents(LaunchProgramBuilder program, String path) {
        int slash = path.indexOf('/', 1);
        while (slash > 0) {
            program.tolerating(Errno.EEXIST).files().mkdirat(FdArgument.CWD, path.substring(0, slash), 0755);
            slash = path.indexOf('/', slash + 1);
        }
    }

    /** With user ids of its own the container cannot make it: the engine has, and its name there goes. */
    private static void mountDevice(LaunchProgramBuilder program, HostDevices.Node node, String made) {
        makeParents(program, node.path());
        program.tolerating(Errno.EEXIST)
                .named("make a place for device " + node.path())
                .files()
                .mknodat(FdArgument.CWD, node.path(), S_IFREG | 0644, 0);
        program.named("mount device " + node.path()).mounts().mount(made, node.path(), "", BIND, "");
        program.files().unlinkat(FdArgument.CWD, made, 0);
    }

    private void nameHost(LaunchProgramBuilder program) {
        program.process().sethostname(launch.hostname());
        if (!launch.domainname().isEmpty()) {
            program.process().setdomainname(launch.domainname());
        }
    }

    private static void raiseLoopback(LaunchProgramBuilder program) {
        FdArgument socket = program.named("open a socket for lo")
                .call(
                        SyscallNumber.SOCKET,
                        Argument.of(AF_INET),
                        Argument.of(SOCK_DGRAM | SOCK_CLOEXEC),
                        Argument.of(0));
        Blob request = Blob.of("{lo, UP|RUNNING}", LinkRequests.interfaceUp("lo"));
        program.named("set lo up")
                .call(SyscallNumber.IOCTL, socket, Argument.of(SIOCSIFFLAGS), new Argument.Structure(request));
    }

    /** As Docker does since 20.10: in its own network namespace any user may bind low ports and ping. */
    private void allowUnprivilegedNetworking(LaunchProgramBuilder program) {
        writeSysctl(program, "net/ipv4/ip_unprivileged_port_start", "0");
        IdRange users = launch.isolation().users();
        long lastGroup = users == null ? Integer.MAX_VALUE : users.size() - 1;
        writeSysctl(program, "net/ipv4/ping_group_range", "0 " + lastGroup);
    }

    /** What is written to is checked: /proc could be anything that a mount has put there (CVE-2025-52881). */
    private void setSysctls(LaunchProgramBuilder program) {
        new TreeMap<>(launch.isolation().sysctls()).forEach((name, value) -> {
            FdArgument file = program.named("open sysctl " + name)
                    .files()
                    .openat(FdArgument.CWD, "/proc/sys/" + name, O_WRONLY | O_CLOEXEC, 0);
            program.files().checkFileSystem(file, "/proc/sys", (int) FileSystemMagic.PROC);
            program.named("set sysctl " + name.replace('/', '.')).files().write(file, value);
        });
    }

    private static void writeSysctl(LaunchProgramBuilder program, String name, String value) {
        FdArgument file = program.files().openat(FdArgument.CWD, "/proc/sys/" + name, O_WRONLY | O_CLOEXEC, 0);
        program.named("set sysctl " + name.replace('/', '.')).files().write(file, value);
    }

    /** Where a mount of a user's lies over the device made above, it is opened before (CVE-2025-31133). */
    private Optional<FdArgument> openNullDevice(LaunchProgramBuilder program) {
        if (launch.privileged() || !mounts.covers("/dev/null")) {
            return Optional.empty();
        }
        return Optional.of(program.files().openat(FdArgument.CWD, "/dev/null", O_PATH | O_CLOEXEC, 0));
    }

    private void protectPaths(LaunchProgramBuilder program, Optional<FdArgument> nullDevice) {
        for (String path : launch.readonlyPaths()) {
            boolean covered = mounts.covers(path);
            if (covered || kernelPaths.kind(path) != KernelPaths.Kind.MISSING) {
                unlessMissing(program, covered)
                        .named("bind " + path + " to itself")
                        .mounts()
                        .mount(path, path, "", BIND | REC, "");
                unlessMissing(program, covered)
                        .named("make " + path + " read-only")
                        .mounts()
                        .mountSetattr(FdArgument.CWD, path, 0, ATTR_RDONLY, 0, 0);
            }
        }
        for (String path : launch.maskedPaths()) {
            boolean covered = mounts.covers(path);
            KernelPaths.Kind kind = kernelPaths.kind(path);
            // What a user's mount has there is not known: a file takes the first, a directory the second.
            if (covered || kind == KernelPaths.Kind.FILE) {
                maskFile(program, path, covered, nullDevice);
            }
            if (covered || kind == KernelPaths.Kind.DIRECTORY) {
                unlessMissing(program, covered)
                        .named("mask " + path)
                        .mounts()
                        .mount("tmpfs", path, "tmpfs", RDONLY | DEFAULT_MOUNT, "size=0k,nr_inodes=2");
            }
        }
    }

    private static void maskFile(
            LaunchProgramBuilder program, String path, boolean covered, Optional<FdArgument> nullDevice) {
        if (nullDevice.isEmpty()) {
            // /dev/null is the node that was made above on a fresh tmpfs, not the image's (CVE-2025-31133).
            unlessMissing(program, covered).named("mask " + path).mounts().mount("/dev/null", path, "", BIND, "");
            return;
        }
        FdArgument mask = program.named("clone /dev/null")
                .mounts()
                .openTree(nullDevice.get(), "", OPEN_TREE_CLONE | AT_EMPTY_PATH | O_CLOEXEC);
        unlessMissing(program, covered).named("mask " + path).mounts().moveMount(mask, FdArgument.CWD, path);
    }

    private static LaunchProgramBuilder unlessMissing(LaunchProgramBuilder program, boolean covered) {
        return covered ? program.tolerating(Errno.ENOENT, Errno.ENOTDIR) : program;
    }

    private static void mount(
            LaunchProgramBuilder program, String source, String target, String type, int flags, String data) {
        program.named("mount " + type + " on " + target).mounts().mount(source, target, type, flags, data);
    }

    /** Looks up what a masked or read-only path is. */
    interface KernelPaths {
        Kind kind(String path);

        boolean hasCgroupMountPoint();

        /** What is at a path. */
        enum Kind {
            FILE,
            DIRECTORY,
            MISSING
        }
    }
}
