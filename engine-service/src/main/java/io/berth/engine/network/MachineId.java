package io.berth.engine.network;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What tells this host from others (machine-id(5)). */
final class MachineId {
    private static final Path FILE = Path.of("/etc/machine-id");

    private MachineId() {}

    /** 32 hex digits, or nothing on a host that has none. */
    static String text() {
        try {
            return Files.readString(FILE).strip();
        } catch (IOException e) {
            return "";
        }
    }
}
