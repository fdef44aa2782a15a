package io.berth.engine.system;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;

/** What /proc, /sys and /etc tell of this host. Read when asked for; what cannot be read is unknown. */
@Component
public final class HostFacts {
    private static final Path CGROUP = Path.of("/sys/fs/cgroup");

    /** Such as {@code 6.18.5}. */
    public String kernelVersion() {
        return text("/proc/sys/kernel/osrelease").orElse("<unknown>");
    }

    public String hostName() {
        return text("/proc/sys/kernel/hostname").orElse("");
    }

    /** Such as {@code Debian GNU/Linux 13 (trixie)}. */
    public String operatingSystem() {
        return osRelease().getOrDefault("PRETTY_NAME", "Linux");
    }

    /** Such as {@code 13}. */
    public String operatingSystemVersion() {
        return osRelease().getOrDefault("VERSION_ID", "");
    }

    private static Map<String, String> osRelease() {
        return text("/etc/os-release")
                .orElse("")
                .lines()
                .filter(line -> line.indexOf('=') > 0)
                .collect(Collectors.toMap(
                        line -> line.substring(0, line.indexOf('=')),
                        line -> line.substring(line.indexOf('=') + 1).replace("\"", ""),
                        (first, second) -> first));
    }

    /** Bytes of memory. */
    public long memoryBytes() {
        return text("/proc/meminfo")
                .flatMap(info -> info.lines()
                        .filter(line -> line.startsWith("MemTotal:"))
                        .findFirst())
                .map(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                .orElse(0L);
    }

    public int cpus() {
        return Runtime.getRuntime().availableProcessors();
    }

    /** As {@code uname -m} says. */
    public String machine() {
        return switch (System.getProperty("os.arch")) {
            case "amd64", "x86_64" -> "x86_64";
            case String other -> other;
        };
    }

    /** 2 when the unified hierarchy has the controllers, else 1. */
    public String cgroupVersion() {
        return Files.exists(CGROUP.resolve("cgroup.controllers")) ? "2" : "1";
    }

    /** Whether a controller is there. */
    public boolean hasController(String name) {
        Path unified = CGROUP.resolve("cgroup.controllers");
        if (Files.exists(unified)) {
            return (" " + text(unified.toString()).orElse("") + " ").contains(" " + name + " ");
        }
        return Files.isDirectory(CGROUP.resolve(name))
                || (name.equals("cpu") && Files.isDirectory(CGROUP.resolve("cpu,cpuacct")));
    }

    /** Whether the kernel has AppArmor on. */
    public boolean appArmor() {
        return text("/sys/module/apparmor/parameters/enabled").map("Y"::equals).orElse(false);
    }

    public boolean ipv4Forwarding() {
        return text("/proc/sys/net/ipv4/ip_forward").map("1"::equals).orElse(false);
    }

    /** How many descriptors this process has open. */
    public int openDescriptors() {
        String[] entries = Path.of("/proc/self/fd").toFile().list();
        return entries == null ? 0 : entries.length;
    }

    private static Optional<String> text(String path) {
        try {
            return Optional.of(Files.readString(Path.of(path)).strip());
        } catch (IOException e) {
            // A host may lack any of these files; its absence is what there is to tell.
            return Optional.empty();
        }
    }
}
