package io.berth.engine.log;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.zip.GZIPOutputStream;

/**
 * The older files of a log: {@code name.1}, {@code name.2} and so on, the newest first, or {@code name.1.gz} once compressed.
 *
 * <p>Compressing goes on beside writing; only the next rotation waits for it.
 */
final class RotatedFiles {
    private static final String COMPRESSED = ".gz";
    private static final String TEMPORARY = ".tmp";

    private final Path current;
    private CompletableFuture<Boolean> compression = CompletableFuture.completedFuture(true);

    RotatedFiles(Path current) {
        this.current = current;
    }

    /** Makes room for the current file as number 1 and moves it there. */
    void rotate(FileSettings settings) throws IOException {
        boolean _ = compression.join();
        for (int i = settings.maxFiles() - 1; i >= 1; i--) {
            delete(i);
            move(i - 1, i);
        }
        if (settings.compress() && settings.maxFiles() > 1) {
            compression = CompletableFuture.supplyAsync(() -> compress(plain(1)), Thread::startVirtualThread);
        }
    }

    private Path plain(int number) {
        return number == 0 ? current : current.resolveSibling(current.getFileName() + "." + number);
    }

    private Path compressed(int number) {
        return withSuffix(plain(number), COMPRESSED);
    }

    private static Path withSuffix(Path path, String suffix) {
        return path.resolveSibling(path.getFileName() + suffix);
    }

    private void delete(int number) throws IOException {
        Files.deleteIfExists(plain(number));
        Files.deleteIfExists(compressed(number));
    }

    private void move(int from, int to) throws IOException {
        if (Files.exists(plain(from))) {
            Files.move(plain(from), plain(to), StandardCopyOption.ATOMIC_MOVE);
        } else if (from > 0 && Files.exists(compressed(from))) {
            Files.move(compressed(from), compressed(to), StandardCopyOption.ATOMIC_MOVE);
        }
    }

    /** A file that cannot be compressed stays as it is. */
    private static boolean compress(Path file) {
        Path unfinished = withSuffix(file, COMPRESSED + TEMPORARY);
        try {
            try (InputStream in = Files.newInputStream(file);
                    OutputStream out = new GZIPOutputStream(Files.newOutputStream(unfinished))) {
                in.transferTo(out);
            }
            Files.move(unfinished, withSuffix(file, COMPRESSED), StandardCopyOption.ATOMIC_MOVE);
            Files.delete(file);
            return true;
        } catch (IOException e) {
            try {
                Files.deleteIfExists(unfinished);
            } catch (IOException again) {
                e.addSuppressed(again);
            }
            return false;
        }
    }

    /** Opens an older file, or the current one as number 0. */
    Optional<OpenFile> open(int number, long generation) throws IOException {
        Path directory = current.resolveSibling(".");
        try {
            FileChannel channel = FileChannel.open(plain(number), StandardOpenOption.READ);
            return Optional.of(new OpenFile(generation, channel, false, directory));
        } catch (NoSuchFileException e) {
            return number == 0 ? Optional.empty() : openCompressed(number, generation, directory);
        }
    }

    private Optional<OpenFile> openCompressed(int number, long generation, Path directory) throws IOException {
        try {
            FileChannel channel = FileChannel.open(compressed(number), StandardOpenOption.READ);
            return Optional.of(new OpenFile(generation, channel, true, directory));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /** Waits until nothing is being compressed. */
    void settle() {
        boolean _ = compression.join();
    }
}
