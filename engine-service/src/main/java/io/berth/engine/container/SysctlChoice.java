package io.berth.engine.container;

import io.berth.docker.container.HostConfig;
import io.berth.docker.error.InvalidParameter;
import io.berth.engine.runtime.LaunchFailure;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Which kernel parameters a container may set: those of namespaces that it does not share (runc: validate, sysctl). */
final class SysctlChoice {
    private static final Set<String> IPC = Set.of(
            "kernel.msgmax",
            "kernel.msgmnb",
            "kernel.msgmni",
            "kernel.sem",
            "kernel.shmall",
            "kernel.shmmax",
            "kernel.shmmni",
            "kernel.shm_rmid_forced");

    private SysctlChoice() {}

    /**
     * The parameters by path below /proc/sys.
     *
     * @throws InvalidParameter for one that may not be set, in runc's words
     */
    static Map<String, String> of(HostConfig host) {
        Map<String, String> paths = new HashMap<>();
        if (host.sysctls() != null) {
            host.sysctls().forEach((name, value) -> paths.put(path(host, name, value), value));
        }
        return paths;
    }

    private static String path(HostConfig host, String name, String value) {
        String dotted = isSlashed(name) ? swapped(name) : name;
        check(host, name, dotted);
        String path = swapped(dotted);
        // A line break would begin another value for whoever reads the configuration by lines (CVE-2022-0811).
        boolean clean = name.matches("[a-zA-Z0-9_./-]+")
                && List.of(path.split("/", -1)).stream()
                        .noneMatch(part -> part.isEmpty() || part.equals(".") || part.equals(".."))
                && value.chars().allMatch(c -> c == '\t' || (c >= ' ' && c != 0x7f));
        if (!clean) {
            throw new InvalidParameter("invalid sysctl \"" + name.replace("\n", "\\n") + "\"");
        }
        return path;
    }

    /**
     * Refuses, when a container is started, those of namespaces that are not its own.
     *
     * @throws LaunchFailure in runc's words
     */
    static void refuseShared(HostConfig host) {
        for (String name :
                host.sysctls() == null ? Set.<String>of() : host.sysctls().keySet()) {
            String dotted = isSlashed(name) ? swapped(name) : name;
            if (ofIpc(dotted) && isShared(host.ipcMode())) {
                throw refusal(name, "is not allowed in the hosts ipc namespace");
            }
            if (dotted.startsWith("net.") && isShared(host.networkMode())) {
                throw refusal(name, "not allowed in host network namespace");
            }
        }
    }

    private static LaunchFailure refusal(String name, String why) {
        return new LaunchFailure(LaunchFailure.Kind.SYSTEM, "sysctl \"" + name + "\" " + why, null);
    }

    private static boolean ofIpc(String dotted) {
        return IPC.contains(dotted) || dotted.startsWith("fs.mqueue.");
    }

    private static boolean isShared(String mode) {
        return mode.equals("host") || NamespaceModes.isContainer(mode);
    }

    private static void check(HostConfig host, String name, String dotted) {
        String subject = "sysctl \"" + name.replace("\n", "\\n") + "\" ";
        if (ofIpc(dotted) || dotted.startsWith("net.")) {
            return;
        }
        if (dotted.equals("kernel.hostname") && !host.utsMode().equals("host")) {
            throw new InvalidParameter(subject + "is not allowed as it conflicts with the OCI \"hostname\" field");
        } else if (!dotted.equals("kernel.domainname") || host.utsMode().equals("host")) {
            throw new InvalidParameter(subject + "is not in a separate kernel namespace");
        }
    }

    /** The first separator decides which of the two is the separator (sysctl(8)). */
    private static boolean isSlashed(String name) {
        int slash = name.indexOf('/');
        int dot = name.indexOf('.');
        return slash >= 0 && (dot < 0 || slash < dot);
    }

    private static String swapped(String name) {
        StringBuilder swapped = new StringBuilder(name);
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            swapped.setCharAt(i, c == '.' ? '/' : c == '/' ? '.' : c);
        }
        return swapped.toString();
    }
}
