package io.berth.engine.container;

import io.berth.docker.container.HostConfig;
import io.berth.docker.error.InvalidParameter;
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

    private static void check(HostConfig host, String name, String dotted) {
        String subject = "sysctl \"" + name.replace("\n", "\\n") + "\" ";
        if (IPC.contains(dotted) || dotted.startsWith("fs.mqueue.")) {
            boolean shared = host.ipcMode().equals("host") || host.ipcMode().startsWith("container:");
            if (shared) {
                throw new InvalidParameter(subject + "is not allowed in the hosts ipc namespace");
            }
        } else if (dotted.startsWith("net.")) {
            if (host.networkMode().equals("host") || host.networkMode().startsWith("container:")) {
                throw new InvalidParameter(subject + "not allowed in host network namespace");
            }
        } else if (dotted.equals("kernel.hostname") && !host.utsMode().equals("host")) {
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
