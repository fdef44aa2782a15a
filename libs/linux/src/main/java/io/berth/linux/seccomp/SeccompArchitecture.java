package io.berth.linux.seccomp;

import io.berth.linux.abi.Architecture;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** The architectures whose programs the machines that Berth runs on can execute, with their system call tables. */
public enum SeccompArchitecture {
    X86_64("SCMP_ARCH_X86_64", "amd64", 0xC000003E, "x86_64"),
    X86("SCMP_ARCH_X86", "x86", 0x40000003, "i386"),
    /** 32-bit pointers on x86-64: tells itself apart only by bit 30 of the call number. */
    X32("SCMP_ARCH_X32", "x32", 0xC000003E, "x32"),
    AARCH64("SCMP_ARCH_AARCH64", "arm64", 0xC00000B7, "aarch64"),
    ARM("SCMP_ARCH_ARM", "arm", 0x40000028, "arm");

    /** Bit of every x32 call number (asm/unistd.h). */
    static final int X32_BIT = 0x40000000;

    private final String profileName;
    private final String goName;
    private final int auditArch;
    private final String table;

    SeccompArchitecture(String profileName, String goName, int auditArch, String table) {
        this.profileName = profileName;
        this.goName = goName;
        this.auditArch = auditArch;
        this.table = table;
    }

    /** The native one of a machine. */
    public static SeccompArchitecture of(Architecture machine) {
        return switch (machine) {
            case X86_64 -> X86_64;
            case AARCH64 -> AARCH64;
        };
    }

    /** The one with a profile's name, such as {@code SCMP_ARCH_X86}; empty for those that no machine of ours executes. */
    public static Optional<SeccompArchitecture> ofProfileName(String name) {
        for (SeccompArchitecture architecture : values()) {
            if (architecture.profileName.equals(name)) {
                return Optional.of(architecture);
            }
        }
        return Optional.empty();
    }

    public String profileName() {
        return profileName;
    }

    /** The name in includes and excludes of rules. */
    public String goName() {
        return goName;
    }

    /** The value of {@code seccomp_data.arch} (AUDIT_ARCH_* of linux/audit.h). */
    public int auditArch() {
        return auditArch;
    }

    /** Numbers of all calls by name. */
    public Map<String, Integer> numbers() {
        return Objects.requireNonNull(Tables.ALL.get(this));
    }

    /** Read when first asked for. */
    private static final class Tables {
        static final Map<SeccompArchitecture, Map<String, Integer>> ALL = new EnumMap<>(SeccompArchitecture.class);

        static {
            for (SeccompArchitecture architecture : values()) {
                ALL.put(architecture, Map.copyOf(architecture.load()));
            }
        }
    }

    private Map<String, Integer> load() {
        String resource = "syscalls-" + table + ".txt";
        Map<String, Integer> byName = new HashMap<>();
        try (InputStream in =
                        Objects.requireNonNull(SeccompArchitecture.class.getResourceAsStream(resource), resource);
                BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (!line.startsWith("#")) {
                    int space = line.indexOf(' ');
                    byName.put(line.substring(0, space), Integer.parseInt(line.substring(space + 1)));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return byName;
    }
}
