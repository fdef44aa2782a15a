package io.berth.linux.capability;

import io.berth.linux.Sysctl;
import java.util.Locale;

/** A capability; numbers are those of linux/capability.h. */
public enum Capability {
    CAP_CHOWN(0),
    CAP_DAC_OVERRIDE(1),
    CAP_DAC_READ_SEARCH(2),
    CAP_FOWNER(3),
    CAP_FSETID(4),
    CAP_KILL(5),
    CAP_SETGID(6),
    CAP_SETUID(7),
    CAP_SETPCAP(8),
    CAP_LINUX_IMMUTABLE(9),
    CAP_NET_BIND_SERVICE(10),
    CAP_NET_BROADCAST(11),
    CAP_NET_ADMIN(12),
    CAP_NET_RAW(13),
    CAP_IPC_LOCK(14),
    CAP_IPC_OWNER(15),
    CAP_SYS_MODULE(16),
    CAP_SYS_RAWIO(17),
    CAP_SYS_CHROOT(18),
    CAP_SYS_PTRACE(19),
    CAP_SYS_PACCT(20),
    CAP_SYS_ADMIN(21),
    CAP_SYS_BOOT(22),
    CAP_SYS_NICE(23),
    CAP_SYS_RESOURCE(24),
    CAP_SYS_TIME(25),
    CAP_SYS_TTY_CONFIG(26),
    CAP_MKNOD(27),
    CAP_LEASE(28),
    CAP_AUDIT_WRITE(29),
    CAP_AUDIT_CONTROL(30),
    CAP_SETFCAP(31),
    CAP_MAC_OVERRIDE(32),
    CAP_MAC_ADMIN(33),
    CAP_SYSLOG(34),
    CAP_WAKE_ALARM(35),
    CAP_BLOCK_SUSPEND(36),
    CAP_AUDIT_READ(37),
    CAP_PERFMON(38),
    CAP_BPF(39),
    CAP_CHECKPOINT_RESTORE(40);

    private static final Capability[] ALL = values();

    private final int number;

    Capability(int number) {
        this.number = number;
    }

    /** Its bit in a capability set. */
    public int number() {
        return number;
    }

    /**
     * The capability that a user names, in any case and with or without {@code CAP_}.
     *
     * @throws IllegalArgumentException when there is none of that name
     */
    public static Capability parse(String name) {
        String upper = name.toUpperCase(Locale.ROOT);
        String full = upper.startsWith("CAP_") ? upper : "CAP_" + upper;
        for (Capability capability : ALL) {
            if (capability.name().equals(full)) {
                return capability;
            }
        }
        throw new IllegalArgumentException("unknown capability: \"" + name + "\"");
    }

    /** The highest number that the running kernel knows (/proc/sys/kernel/cap_last_cap). */
    public static int lastSupported() {
        return LastSupported.NUMBER;
    }

    private static final class LastSupported {
        static final int NUMBER = (int) Sysctl.number("kernel/cap_last_cap");
    }
}
