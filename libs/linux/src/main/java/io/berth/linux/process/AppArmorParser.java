package io.berth.linux.process;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The host's {@code apparmor_parser}: what profiles are compiled to is known to it alone. It is run from the one place where
 * hosts have it, with nothing but the profile as its input and nothing of the engine's environment.
 */
public final class AppArmorParser {
    private static final Path PROGRAM = Path.of("/sbin/apparmor_parser");

    private AppArmorParser() {}

    public static boolean isInstalled() {
        return Files.isExecutable(PROGRAM);
    }

    /**
     * Compiles a profile and gives it to the kernel, in the place of one of the same name.
     *
     * @throws IOException with what the program says when it fails
     */
    public static void load(String profile) throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(List.of(PROGRAM.toString(), "--skip-cache", "--replace")).redirectErrorStream(true);
        builder.environment().clear();
        Process process = builder.start();
        try (OutputStream input = process.getOutputStream()) {
            input.write(profile.getBytes(StandardCharsets.UTF_8));
        }
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            int code = process.waitFor();
            if (code != 0) {
                throw new IOException(PROGRAM + " exited with " + code + ": " + said.strip());
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IOException(PROGRAM + ": interrupted", e);
        }
    }
}
