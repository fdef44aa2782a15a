package io.berth.linux.apparmor;

import io.berth.linux.process.AppArmorParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.ReentrantLock;

/** The host's AppArmor. Thread-safe. */
public final class AppArmor {
    /** Where a process names the profile of the program that it executes next. */
    public static final String EXEC_ATTRIBUTE = "/proc/self/attr/apparmor/exec";

    private static final Path KERNEL = Path.of("/sys/kernel/security/apparmor");
    private static final Path ENABLED = Path.of("/sys/module/apparmor/parameters/enabled");
    private static final ReentrantLock LOADING = new ReentrantLock();

    private AppArmor() {}

    /** Whether profiles can be used: the kernel has AppArmor on, and the host the program that compiles them. */
    public static boolean isSupported() {
        return Files.isDirectory(KERNEL)
                && AppArmorParser.isInstalled()
                && read(ENABLED).startsWith("Y");
    }

    /** Whether the kernel knows a profile. */
    public static boolean isLoaded(String profile) {
        // Each line is a name and a mode: "docker-default (enforce)".
        return read(KERNEL.resolve("profiles")).lines().anyMatch(line -> line.startsWith(profile + " ("));
    }

    /**
     * Gives the kernel a profile unless it knows it.
     *
     * @param name that the text gives it
     * @param text in AppArmor's language (apparmor.d(5))
     * @throws UncheckedIOException when it cannot be compiled or loaded
     */
    public static void load(String name, String text) {
        LOADING.lock();
        try {
            if (!isLoaded(name)) {
                AppArmorParser.load(text);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot load the AppArmor profile " + name + ": " + e.getMessage(), e);
        } finally {
            LOADING.unlock();
        }
    }

    private static String read(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return ""; // a kernel without it
        }
    }
}
