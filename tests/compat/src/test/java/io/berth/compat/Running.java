package io.berth.compat;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A command that runs. Its output goes to files, so that it never waits for this side, and can be looked at meanwhile.
 */
final class Running implements AutoCloseable {
    private final List<String> command;
    private final Process process;
    private final Path out;
    private final Path err;
    private final Instant started;

    private Running(List<String> command, Process process, Path out, Path err) {
        this.command = command;
        this.process = process;
        this.out = out;
        this.err = err;
        this.started = Instant.now();
    }

    /** Starts a command with these variables in addition to this process's own; a null value removes one. */
    static Running start(List<String> command, Map<String, String> environment) {
        try {
            Path out = Files.createTempFile("compat", ".out");
            Path err = Files.createTempFile("compat", ".err");
            ProcessBuilder builder = new ProcessBuilder(command);
            builder.environment().putAll(environment);
            builder.redirectOutput(out.toFile());
            builder.redirectError(err.toFile());
            return new Running(command, builder.start(), out, err);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot run " + String.join(" ", command), e);
        }
    }

    /** Runs a command to its end. */
    static Outcome run(List<String> command, Map<String, String> environment, byte[] input, Duration timeout) {
        try (Running running = start(command, environment)) {
            running.type(input);
            running.endInput();
            return running.await(timeout);
        }
    }

    long pid() {
        return process.pid();
    }

    boolean isRunning() {
        return process.isAlive();
    }

    /** Gives the command input; one that reads no more does not mind. */
    void type(byte[] input) {
        try {
            OutputStream stdin = process.getOutputStream();
            stdin.write(input);
            stdin.flush();
        } catch (IOException e) {
            // The command has ended or closed its input; its outcome tells whether that was right.
            assert e.getMessage() != null;
        }
    }

    void endInput() {
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            assert e.getMessage() != null; // as above
        }
    }

    /** What it has printed until now. */
    String outUntilNow() {
        return read(out);
    }

    /** What it has printed as errors until now. */
    String errUntilNow() {
        return read(err);
    }

    void terminate() {
        process.destroy();
    }

    /** Waits for its end; kills it and fails when the time is over. */
    Outcome await(Duration timeout) {
        try {
            if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly().waitFor();
                throw new AssertionError("still running after " + timeout.toSeconds() + " s: " + outcome());
            }
            return outcome();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while waiting for " + command, e);
        }
    }

    private Outcome outcome() {
        return new Outcome(
                command, process.exitValue(), read(out), read(err), Duration.between(started, Instant.now()));
    }

    private static String read(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            Files.deleteIfExists(out);
            Files.deleteIfExists(err);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
