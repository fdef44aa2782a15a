package io.berth.linux.host;

import io.berth.linux.Errno;
import io.berth.linux.KernelVersion;
import io.berth.linux.SyscallException;
import io.berth.linux.abi.SyscallNumber;
import io.berth.linux.capability.CapabilitySet;
import io.berth.linux.fd.Fd;
import io.berth.linux.host.HostFacts.Feature;
import io.berth.linux.jna.LibC;
import io.berth.linux.jna.NativeBuffer;
import io.berth.linux.mount.FileSystemContext;
import io.berth.linux.mount.MountInfo;
import io.berth.linux.netlink.NetfilterProbe;
import io.berth.linux.nftables.BaseChain;
import io.berth.linux.nftables.NftChain;
import io.berth.linux.nftables.NftFamily;
import io.berth.linux.nftables.NftSocket;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Looks at this host. System calls are tried with arguments that every kernel which has them refuses for another reason
 * than not having them, so nothing changes. (A sandbox that refuses calls with EPERM makes them look present; the
 * capabilities tell that case.)
 */
public final class HostProbe {
    private static final int PIDFD_INFO_SIZE = 64;
    private static final long PIDFD_GET_INFO = 0xC000FF0BL | (PIDFD_INFO_SIZE << 16);
    private static final List<String> CONTROLLERS =
            List.of("cpu", "cpuacct", "cpuset", "memory", "pids", "devices", "freezer", "blkio", "io");

    private HostProbe() {}

    /** Looks at everything. */
    public static HostFacts probe() {
        List<MountInfo> mounts = MountInfo.ofSelf();
        Set<String> version1 = new HashSet<>();
        Set<String> version2 = new HashSet<>();
        boolean mounted2 = false;
        for (MountInfo mount : mounts) {
            if (mount.type().equals("cgroup")) {
                mount.superOptions().stream().filter(CONTROLLERS::contains).forEach(version1::add);
            } else if (mount.type().equals("cgroup2")) {
                mounted2 = true;
                version2.addAll(words(Path.of(mount.mountPoint(), "cgroup.controllers")));
            }
        }
        String limits = text(Path.of("/proc/self/limits"));
        Set<Feature> features = features();
        return new HostFacts(
                KernelVersion.current(),
                text(Path.of("/proc/sys/kernel/osrelease")).strip(),
                version1,
                version2,
                mounted2,
                features,
                number(Path.of("/proc/sys/user/max_user_namespaces")),
                CapabilitySet.parseStatus(text(Path.of("/proc/self/status")), "CapEff"),
                hardLimit(limits, "Max open files"),
                hardLimit(limits, "Max processes"),
                number(Path.of("/proc/sys/kernel/pid_max")),
                droppingForwardChains(features.contains(Feature.NFTABLES)));
    }

    /** Of the calling thread's network namespace. */
    static List<String> droppingForwardChains(boolean nftables) {
        List<String> dropping = new ArrayList<>();
        if (nftables) {
            try (NftSocket socket = NftSocket.open()) {
                socket.baseChains().stream()
                        .filter(chain -> chain.hook() == BaseChain.Hook.FORWARD
                                && chain.policy() == BaseChain.Policy.DROP
                                && chain.table().family() != NftFamily.BRIDGE)
                        .map(NftChain::toString)
                        .forEach(dropping::add);
            } catch (SyscallException e) {
                return dropping; // may ask whether there are tables, but not what is in them
            }
        }
        if (LegacyFilter.IPV4.dropsForwarded()) {
            dropping.add("iptables-legacy FORWARD");
        }
        if (LegacyFilter.IPV6.dropsForwarded()) {
            dropping.add("ip6tables-legacy FORWARD");
        }
        return dropping;
    }

    private static Set<Feature> features() {
        Set<Feature> features = EnumSet.noneOf(Feature.class);
        add(features, Feature.OPENAT2, exists(SyscallNumber.OPENAT2, -1, 0, 0, 0));
        add(features, Feature.CLONE3, exists(SyscallNumber.CLONE3, 0, 0));
        add(
                features,
                Feature.MOUNT_API,
                exists(SyscallNumber.FSOPEN, 0, -1) && exists(SyscallNumber.OPEN_TREE, -1, 0, -1));
        add(features, Feature.MOUNT_SETATTR, exists(SyscallNumber.MOUNT_SETATTR, -1, 0, -1, 0, 0));
        add(features, Feature.CLOSE_RANGE, exists(SyscallNumber.CLOSE_RANGE, 1, 0, 0));
        add(features, Feature.SECCOMP_FILTER, Files.exists(Path.of("/proc/sys/kernel/seccomp/actions_avail")));
        add(features, Feature.NFTABLES, NetfilterProbe.hasTables());
        addPidfd(features);
        addOverlay(features);
        return features;
    }

    private static void add(Set<Feature> features, Feature feature, boolean present) {
        if (present) {
            features.add(feature);
        }
    }

    private static boolean exists(SyscallNumber call, long... arguments) {
        return LibC.callRaw(call, arguments) != -Errno.ENOSYS;
    }

    private static void addPidfd(Set<Feature> features) {
        long opened =
                LibC.callRaw(SyscallNumber.PIDFD_OPEN, ProcessHandle.current().pid(), 0);
        if (opened < 0) {
            return;
        }
        features.add(Feature.PIDFD);
        try (Fd pidfd = Fd.own((int) opened, "pidfd of this process");
                NativeBuffer buffer = NativeBuffer.acquire()) {
            int info = buffer.reserve(PIDFD_INFO_SIZE);
            long result = LibC.callRaw(SyscallNumber.IOCTL, pidfd.value(), PIDFD_GET_INFO, buffer.address() + info);
            add(features, Feature.PIDFD_INFO, result == 0);
        }
    }

    /** Asking for the file system type loads its module where it is one, as a mount would. */
    private static void addOverlay(Set<Feature> features) {
        try (FileSystemContext overlay = FileSystemContext.open("overlay")) {
            features.add(Feature.OVERLAY);
            overlay.set("lowerdir+", "/");
            features.add(Feature.OVERLAY_LAYER_PARAMETERS);
        } catch (SyscallException e) {
            // The first refusal says that there is none or that we may not; the second that the kernel is older.
            boolean listed = text(Path.of("/proc/filesystems")).lines().anyMatch(line -> line.endsWith("\toverlay"));
            add(features, Feature.OVERLAY, listed);
        }
    }

    private static String text(Path file) {
        // Not Files.readString: it asks for one byte first, and numbers below /proc/sys can be read only in one go.
        try (InputStream in = new FileInputStream(file.toFile())) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return ""; // a kernel without the file: what it would say is absent
        }
    }

    private static List<String> words(Path file) {
        return Arrays.stream(text(file).strip().split("\\s+"))
                .filter(word -> !word.isEmpty())
                .toList();
    }

    private static long number(Path file) {
        String text = text(file).strip();
        return text.isEmpty() ? 0 : Long.parseLong(text);
    }

    /** The hard limit in the text of {@code /proc/self/limits}: name, soft, hard, unit, in columns. */
    static long hardLimit(String limits, String name) {
        for (String line : limits.split("\n")) {
            if (line.startsWith(name + " ")) {
                String hard = line.substring(name.length()).strip().split("\\s+")[1];
                return hard.equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(hard);
            }
        }
        return 0;
    }
}
