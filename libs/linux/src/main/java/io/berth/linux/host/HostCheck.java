package io.berth.linux.host;

import io.berth.linux.capability.Capability;
import io.berth.linux.host.HostFacts.Feature;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Judges what was found on a host: what is missing, what that means, what to do. Pure. */
public final class HostCheck {
    private static final List<String> NEEDED_CONTROLLERS = List.of("cpu", "memory", "pids");
    private static final List<String> USED_CONTROLLERS_1 = List.of("cpuacct", "cpuset", "devices", "freezer", "blkio");
    private static final List<String> USED_CONTROLLERS_2 = List.of("cpuset", "io");
    private static final long GOOD_OPEN_FILES = 65_536;
    private static final long GOOD_PROCESSES = 16_384;

    /** Without these no container can be made. */
    private static final List<Capability> NEEDED = List.of(
            Capability.CAP_SYS_ADMIN,
            Capability.CAP_CHOWN,
            Capability.CAP_DAC_OVERRIDE,
            Capability.CAP_FOWNER,
            Capability.CAP_FSETID,
            Capability.CAP_KILL,
            Capability.CAP_SETGID,
            Capability.CAP_SETUID,
            Capability.CAP_SETPCAP,
            Capability.CAP_SYS_CHROOT);

    /** Without these, containers work but for what is said here. */
    private static final Map<Capability, String> USEFUL = new LinkedHashMap<>();

    static {
        USEFUL.put(Capability.CAP_NET_ADMIN, "containers have no network but loopback");
        USEFUL.put(Capability.CAP_MKNOD, "image layers with device nodes do not unpack");
        USEFUL.put(Capability.CAP_SETFCAP, "image layers with file capabilities do not unpack");
        USEFUL.put(Capability.CAP_DAC_READ_SEARCH, "files written aside cannot be given their name at the end");
        USEFUL.put(Capability.CAP_SYS_PTRACE, "processes of containers in user namespaces cannot be inspected");
        USEFUL.put(
                Capability.CAP_SYS_RESOURCE,
                "containers cannot get limits above the engine's own, nor a lower oom score");
        USEFUL.put(Capability.CAP_NET_RAW, "containers cannot be given raw sockets (ping)");
    }

    private HostCheck() {}

    /** Looks at this host and judges it. */
    public static List<Finding> run() {
        return judge(HostProbe.probe());
    }

    /** Judges facts; one finding for each subject, also where all is well. */
    public static List<Finding> judge(HostFacts facts) {
        List<Finding> findings = new ArrayList<>();
        findings.add(kernel(facts));
        findings.add(cgroups(facts));
        findings.add(needed(facts, Feature.OPENAT2, "openat2", "5.6", "files of containers cannot be reached safely"));
        findings.add(needed(facts, Feature.CLONE3, "clone3", "5.3", "containers cannot be started"));
        findings.add(needed(facts, Feature.PIDFD, "pidfd", "5.3", "the end of containers cannot be told reliably"));
        findings.add(
                needed(facts, Feature.MOUNT_API, "mount API (fsopen, open_tree)", "5.2", "no root or volume mounts"));
        findings.add(needed(
                facts, Feature.MOUNT_SETATTR, "mount_setattr", "5.12", "volumes cannot be read-only or id-mapped"));
        findings.add(
                needed(facts, Feature.CLOSE_RANGE, "close_range", "5.9", "descriptors would leak into containers"));
        findings.add(pidfdInfo(facts));
        findings.add(overlay(facts));
        findings.add(seccomp(facts));
        findings.add(userNamespaces(facts));
        findings.add(nftables(facts));
        findings.add(forwarding(facts));
        findings.add(capabilities(facts));
        findings.add(openFiles(facts));
        findings.add(processes(facts));
        return findings;
    }

    private static Finding kernel(HostFacts facts) {
        String subject = "kernel";
        if (!facts.kernel().isAtLeast(5, 14)) {
            return Finding.missing(
                    subject,
                    facts.release(),
                    "calls that the engine is built on are absent",
                    "use Linux 5.14 or later");
        }
        return Finding.ok(subject, facts.release());
    }

    private static Finding cgroups(HostFacts facts) {
        String subject = "cgroups";
        boolean version1 = facts.cgroup1Controllers().contains("memory")
                || facts.cgroup1Controllers().contains("cpu");
        if (!version1 && !facts.cgroup2Mounted()) {
            return Finding.missing(
                    subject,
                    "none mounted",
                    "no limits, no statistics, no pause",
                    "mount -t cgroup2 none /sys/fs/cgroup");
        }
        var present = version1 ? facts.cgroup1Controllers() : facts.cgroup2Controllers();
        String detail = (version1 ? (facts.cgroup2Mounted() ? "version 1 (hybrid): " : "version 1: ") : "version 2: ")
                + String.join(" ", new TreeSet<>(present));
        List<String> absent = absent(NEEDED_CONTROLLERS, present);
        if (!absent.isEmpty()) {
            return Finding.missing(
                    subject,
                    detail,
                    "no limits by " + String.join(", ", absent),
                    "enable the controllers " + String.join(", ", absent) + " (kernel command line, or the parent's"
                            + " cgroup.subtree_control)");
        }
        List<String> unused = absent(version1 ? USED_CONTROLLERS_1 : USED_CONTROLLERS_2, present);
        if (!unused.isEmpty()) {
            return Finding.degraded(
                    subject,
                    detail,
                    "options that need " + String.join(", ", unused) + " are refused",
                    "enable those controllers");
        }
        return Finding.ok(subject, detail);
    }

    private static List<String> absent(List<String> wanted, java.util.Set<String> present) {
        return wanted.stream().filter(name -> !present.contains(name)).toList();
    }

    private static Finding needed(HostFacts facts, Feature feature, String subject, String since, String effect) {
        if (facts.has(feature)) {
            return Finding.ok(subject, "present");
        }
        return Finding.missing(
                subject, "absent", effect, "use Linux " + since + " or later, or lift the sandbox that hides the call");
    }

    private static Finding pidfdInfo(HostFacts facts) {
        String subject = "exit status of processes that are not children";
        if (facts.has(Feature.PIDFD_INFO) && facts.kernel().isAtLeast(6, 15)) {
            return Finding.ok(subject, "PIDFD_GET_INFO");
        }
        return Finding.degraded(
                subject,
                "absent",
                "containers that end while the engine is away have an unknown exit status",
                "use Linux 6.15 or later");
    }

    private static Finding overlay(HostFacts facts) {
        String subject = "overlay file system";
        if (!facts.has(Feature.OVERLAY)) {
            return Finding.missing(subject, "absent", "images cannot be mounted", "modprobe overlay");
        }
        if (!facts.has(Feature.OVERLAY_LAYER_PARAMETERS)) {
            return Finding.degraded(
                    subject,
                    "present, one option string",
                    "images of more than about 200 layers do not mount, and mounts take longer",
                    "use Linux 6.7 or later");
        }
        return Finding.ok(subject, "present");
    }

    private static Finding seccomp(HostFacts facts) {
        String subject = "seccomp filters";
        return facts.has(Feature.SECCOMP_FILTER)
                ? Finding.ok(subject, "present")
                : Finding.missing(
                        subject,
                        "absent",
                        "containers can make any system call",
                        "use a kernel with CONFIG_SECCOMP_FILTER");
    }

    private static Finding userNamespaces(HostFacts facts) {
        String subject = "user namespaces";
        if (facts.maxUserNamespaces() == 0) {
            return Finding.degraded(
                    subject,
                    "none allowed",
                    "containers cannot have users of their own",
                    "sysctl -w user.max_user_namespaces=65536, or a kernel with CONFIG_USER_NS");
        }
        if (!facts.kernel().isAtLeast(6, 13)) {
            return Finding.degraded(
                    subject,
                    "at most " + facts.maxUserNamespaces() + ", but overlays cannot map owners",
                    "containers cannot have users of their own",
                    "use Linux 6.13 or later");
        }
        return Finding.ok(subject, "at most " + facts.maxUserNamespaces());
    }

    private static Finding nftables(HostFacts facts) {
        String subject = "nftables";
        return facts.has(Feature.NFTABLES)
                ? Finding.ok(subject, "present")
                : Finding.degraded(
                        subject,
                        "absent",
                        "published ports and outgoing traffic of bridge networks do not work",
                        "modprobe nf_tables, or a kernel with CONFIG_NF_TABLES; needs CAP_NET_ADMIN");
    }

    /** What one chain drops no other can let through: Berth's own rules do not help there. */
    private static Finding forwarding(HostFacts facts) {
        String subject = "host's own firewall";
        List<String> chains = facts.droppingForwardChains();
        return chains.isEmpty()
                ? Finding.ok(subject, "forwards unless a rule says otherwise")
                : Finding.degraded(
                        subject,
                        "drops what it does not know: " + String.join(", ", chains),
                        "published ports and outgoing traffic of bridge networks stop there, unless a rule lets them through",
                        "accept there what comes from and goes to Berth's bridges, berth0 and br-*, or let the policy accept");
    }

    private static Finding capabilities(HostFacts facts) {
        String subject = "capabilities of the engine";
        List<Capability> absent = NEEDED.stream()
                .filter(capability -> !facts.capabilities().has(capability))
                .toList();
        if (!absent.isEmpty()) {
            return Finding.missing(
                    subject, "without " + absent, "containers cannot be made", "run the engine as root with " + absent);
        }
        List<Capability> unheld = USEFUL.keySet().stream()
                .filter(capability -> !facts.capabilities().has(capability))
                .toList();
        if (!unheld.isEmpty()) {
            List<String> effects = unheld.stream().map(USEFUL::get).toList();
            return Finding.degraded(
                    subject, "without " + unheld, String.join("; ", effects), "give the engine " + unheld);
        }
        return Finding.ok(subject, "all that are used");
    }

    private static Finding openFiles(HostFacts facts) {
        return limit(
                "limit of open files",
                facts.maxOpenFiles(),
                GOOD_OPEN_FILES,
                "some hundred containers and large pulls run into it",
                "raise the hard limit: ulimit -Hn 1048576, or LimitNOFILE=1048576");
    }

    private static Finding processes(HostFacts facts) {
        return limit(
                "limit of processes",
                Math.min(facts.maxProcesses(), facts.maxPids()),
                GOOD_PROCESSES,
                "all containers together run into it",
                "raise it: ulimit -Hu unlimited, or TasksMax=infinity; sysctl -w kernel.pid_max=4194304");
    }

    private static Finding limit(String subject, long value, long good, String effect, String remedy) {
        String detail = value == Long.MAX_VALUE ? "unlimited" : Long.toString(value);
        return value >= good ? Finding.ok(subject, detail) : Finding.degraded(subject, detail, effect, remedy);
    }
}
