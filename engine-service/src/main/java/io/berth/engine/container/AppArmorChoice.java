package io.berth.engine.container;

import io.berth.docker.container.HostConfig;
import io.berth.docker.error.SystemFailure;
import io.berth.linux.apparmor.AppArmor;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Which AppArmor profile a container has, where the host has AppArmor (moby: profiles/apparmor, daemon/apparmor_default.go). */
public final class AppArmorChoice {
    public static final String DEFAULT = "docker-default";
    static final String UNCONFINED = "unconfined";

    private AppArmorChoice() {}

    /** The profile by name; empty where the host has no AppArmor. */
    public static String of(HostConfig host) {
        return of(host, AppArmor.isSupported());
    }

    static String of(HostConfig host, boolean supported) {
        if (!supported) {
            return "";
        }
        String asked =
                SecurityOptions.parse(host.securityOpt(), host.privileged()).appArmor();
        if (!asked.isEmpty()) {
            return asked;
        }
        return host.privileged() ? UNCONFINED : DEFAULT;
    }

    /**
     * Has the kernel know the default profile: it may have been unloaded since the last container.
     *
     * @throws SystemFailure when that fails: nothing is started without its profile
     */
    public static void load(String profile) {
        if (!profile.equals(DEFAULT)) {
            return;
        }
        try {
            AppArmor.load(DEFAULT, text(Files.exists(Path.of("/etc/apparmor.d/abstractions/base"))));
        } catch (UncheckedIOException e) {
            throw new SystemFailure(
                    "AppArmor enabled on system but the " + DEFAULT + " profile could not be loaded: " + e.getMessage(),
                    e);
        }
    }

    /**
     * The text of the default profile, rule for rule Docker's (moby: profiles/apparmor/template.go).
     *
     * @param abstractions whether the host has AppArmor's own definitions
     */
    static String text(boolean abstractions) {
        return (abstractions ? "#include <tunables/global>\n" : "@{PROC}=/proc/\n") + """

                profile docker-default flags=(attach_disconnected,mediate_deleted) {
                """
                + (abstractions ? "  #include <abstractions/base>\n" : "") + """
                  network,
                  capability,
                  file,
                  umount,

                  # The engine, and whoever is root on the host, may send signals to container processes.
                  signal (receive) peer=unconfined,
                  # Container processes may send signals amongst themselves.
                  signal (send,receive) peer=docker-default,

                  deny @{PROC}/* w,
                  deny @{PROC}/{[^1-9],[^1-9][^0-9],[^1-9s][^0-9y][^0-9s],[^1-9][^0-9][^0-9][^0-9/]*}/** w,
                  deny @{PROC}/sys/[^k]** w,
                  deny @{PROC}/sys/kernel/{?,??,[^s][^h][^m]**} w,
                  deny @{PROC}/sysrq-trigger rwklx,
                  deny @{PROC}/kcore rwklx,

                  deny mount,

                  deny /sys/[^f]*/** wklx,
                  deny /sys/f[^s]*/** wklx,
                  deny /sys/fs/[^c]*/** wklx,
                  deny /sys/fs/c[^g]*/** wklx,
                  deny /sys/fs/cg[^r]*/** wklx,
                  deny /sys/firmware/** rwklx,
                  deny /sys/devices/virtual/powercap/** rwklx,
                  deny /sys/kernel/security/** rwklx,

                  ptrace (trace,read,tracedby,readby) peer=docker-default,
                }
                """;
    }
}
