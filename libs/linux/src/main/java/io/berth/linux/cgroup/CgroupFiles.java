package io.berth.linux.cgroup;

import io.berth.linux.abi.SyscallNumber;
import io.berth.linux.fd.Fd;
import io.berth.linux.fd.OpenFlag;
import io.berth.linux.jna.LibC;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;

/** Reads and writes the files of a cgroup; failures name file and value. */
final class CgroupFiles {
    private static final Duration REMOVE_PATIENCE = Duration.ofMillis(500);
    private static final Duration FREEZE_PATIENCE = Duration.ofSeconds(10);
    private static final long REMOVE_RETRY_MILLIS = 2;
    private static final int SIGKILL = 9;

    private CgroupFiles() {}

    static void write(Path file, String value) {
        try {
            // Only WRITE: these files exist, and in a test's directory a missing one must not be made up.
            Files.write(file, value.getBytes(StandardCharsets.US_ASCII), StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + value.strip() + " to " + file + ": " + e.getMessage(), e);
        }
    }

    /** Writes several values one after another, each in a call of its own, as files of rules want it. */
    static void writeEach(Path file, List<String> values) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            for (String value : values) {
                channel.write(ByteBuffer.wrap(value.getBytes(StandardCharsets.US_ASCII)));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + values + " to " + file + ": " + e.getMessage(), e);
        }
    }

    static String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.US_ASCII).strip();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    /** What a file says, or nothing when it does not exist. */
    static String readIfPresent(Path file) {
        return Files.exists(file) ? read(file) : "";
    }

    /**
     * Looks until something has come about.
     *
     * @throws UncheckedIOException when it does not within ten seconds
     */
    static void await(String what, BooleanSupplier reached) {
        long deadline = System.nanoTime() + FREEZE_PATIENCE.toNanos();
        while (!reached.getAsBoolean()) {
            if (System.nanoTime() > deadline || !pause()) {
                throw new UncheckedIOException(
                        new IOException(what + ": not within " + FREEZE_PATIENCE.toSeconds() + " s"));
            }
        }
    }

    static List<Integer> readPids(Path file) {
        try {
            return Files.readAllLines(file, StandardCharsets.US_ASCII).stream()
                    .map(Integer::valueOf)
                    .toList();
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (IOException e) {
            if (!Files.exists(file)) {
                return List.of(); // ENODEV: removed between open and read
            }
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    /** Pids of a group and of all groups below it. */
    static List<Integer> processesBelow(Path directory) {
        List<Integer> pids = new ArrayList<>(readPids(directory.resolve("cgroup.procs")));
        for (String child : childNames(directory)) {
            pids.addAll(processesBelow(directory.resolve(child)));
        }
        return pids;
    }

    /** Opens a file of a group for writing; the caller closes it. */
    static Fd openForWriting(Path file) {
        return Fd.open(file.toString(), file.toString(), OpenFlag.WRITE);
    }

    /** Kills a process that may be gone already. Its pid was just read from a frozen group, so nobody else can have it. */
    static void kill(int pid) {
        LibC.callRaw(SyscallNumber.KILL, pid, SIGKILL);
    }

    /** A number of a flat-keyed file ({@code key value} lines), or 0 when file or key is missing. */
    static long readKey(Path file, String key) {
        try {
            for (String line : Files.readAllLines(file, StandardCharsets.US_ASCII)) {
                if (line.startsWith(key + " ")) {
                    return Long.parseLong(line.substring(key.length() + 1).strip());
                }
            }
            return 0;
        } catch (IOException e) {
            return 0;
        }
    }

    static void makeDirectory(Path directory) {
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make the cgroup " + directory, e);
        }
    }

    static Set<String> childNames(Path parent) {
        Set<String> names = new TreeSet<>();
        try (var children = Files.newDirectoryStream(parent, Files::isDirectory)) {
            children.forEach(child -> names.add(child.getFileName().toString()));
        } catch (NoSuchFileException e) {
            return names;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list " + parent, e);
        }
        return names;
    }

    /**
     * Removes a group and what a container made below it. A group counts as busy for a moment after its last process has been
     * reaped.
     */
    static boolean remove(Path directory) {
        long deadline = System.nanoTime() + REMOVE_PATIENCE.toNanos();
        while (true) {
            try {
                // Nearly always there is nothing below, and listing a group means looking at all of its files.
                Files.deleteIfExists(directory);
                return true;
            } catch (IOException busy) {
                if (System.nanoTime() > deadline) {
                    return false;
                }
            }
            for (String child : childNames(directory)) {
                remove(directory.resolve(child));
            }
            if (!pause()) {
                return false;
            }
        }
    }

    /** Removes a group that nothing is in; leaves any other as it is. */
    static void removeIfEmpty(Path directory) {
        if (childNames(directory).isEmpty()) {
            remove(directory);
        }
    }

    private static boolean pause() {
        try {
            Thread.sleep(REMOVE_RETRY_MILLIS);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
