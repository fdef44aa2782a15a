package io.berth.linux.capability;

import static io.berth.linux.capability.Capability.CAP_AUDIT_WRITE;
import static io.berth.linux.capability.Capability.CAP_CHOWN;
import static io.berth.linux.capability.Capability.CAP_DAC_OVERRIDE;
import static io.berth.linux.capability.Capability.CAP_FOWNER;
import static io.berth.linux.capability.Capability.CAP_FSETID;
import static io.berth.linux.capability.Capability.CAP_KILL;
import static io.berth.linux.capability.Capability.CAP_MKNOD;
import static io.berth.linux.capability.Capability.CAP_NET_BIND_SERVICE;
import static io.berth.linux.capability.Capability.CAP_NET_RAW;
import static io.berth.linux.capability.Capability.CAP_SETFCAP;
import static io.berth.linux.capability.Capability.CAP_SETGID;
import static io.berth.linux.capability.Capability.CAP_SETPCAP;
import static io.berth.linux.capability.Capability.CAP_SETUID;
import static io.berth.linux.capability.Capability.CAP_SYS_CHROOT;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * An immutable set of capabilities.
 *
 * @param bits bit n stands for capability n, as in /proc/&lt;pid&gt;/status
 */
public record CapabilitySet(long bits) {
    public static final CapabilitySet NONE = new CapabilitySet(0);

    /** What a container gets unless asked otherwise (moby: daemon/pkg/oci/caps, DefaultCapabilities). */
    public static final CapabilitySet DOCKER_DEFAULT = of(
            CAP_CHOWN,
            CAP_DAC_OVERRIDE,
            CAP_FSETID,
            CAP_FOWNER,
            CAP_MKNOD,
            CAP_NET_RAW,
            CAP_SETGID,
            CAP_SETUID,
            CAP_SETFCAP,
            CAP_SETPCAP,
            CAP_NET_BIND_SERVICE,
            CAP_SYS_CHROOT,
            CAP_KILL,
            CAP_AUDIT_WRITE);

    public static CapabilitySet of(Capability... capabilities) {
        CapabilitySet set = NONE;
        for (Capability capability : capabilities) {
            set = set.with(capability);
        }
        return set;
    }

    /** Every capability that the running kernel knows. */
    public static CapabilitySet all() {
        return new CapabilitySet((1L << (Capability.lastSupported() + 1)) - 1);
    }

    /**
     * A set in the text of a {@code /proc/<pid>/status} file.
     *
     * @param name {@code CapInh}, {@code CapPrm}, {@code CapEff}, {@code CapBnd} or {@code CapAmb}
     * @throws IllegalArgumentException when the text has no such line
     */
    public static CapabilitySet parseStatus(String status, String name) {
        for (String line : status.split("\n")) {
            if (line.startsWith(name + ":")) {
                String hex = line.substring(name.length() + 1).strip();
                return new CapabilitySet(Long.parseUnsignedLong(hex, 16));
            }
        }
        throw new IllegalArgumentException("process status: no " + name);
    }

    public boolean has(Capability capability) {
        return (bits & (1L << capability.number())) != 0;
    }

    public CapabilitySet with(Capability capability) {
        return new CapabilitySet(bits | (1L << capability.number()));
    }

    public CapabilitySet without(Capability capability) {
        return new CapabilitySet(bits & ~(1L << capability.number()));
    }

    /** Those that are also in the other set. */
    public CapabilitySet intersection(CapabilitySet other) {
        return new CapabilitySet(bits & other.bits);
    }

    @Override
    public String toString() {
        return Arrays.stream(Capability.values())
                .filter(this::has)
                .map(Capability::name)
                .collect(Collectors.joining(", ", "[", "]"));
    }
}
