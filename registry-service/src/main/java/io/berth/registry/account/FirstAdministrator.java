package io.berth.registry.account;

import io.berth.registry.durability.DataDirectory;
import io.berth.registry.durability.DurableFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Makes the account {@code admin} when there is no account at all. There is no password that two registries share: it is
 * random, kept as a hash, and written once into a file that only the registry's user can read.
 */
@Component
final class FirstAdministrator implements SmartLifecycle {
    private static final Logger LOG = LoggerFactory.getLogger(FirstAdministrator.class);

    private final Accounts accounts;
    private final Directory directory;
    private final DataDirectory data;
    private boolean running;

    FirstAdministrator(Accounts accounts, Directory directory, DataDirectory data) {
        this.accounts = accounts;
        this.directory = directory;
        this.data = data;
    }

    @Override
    public synchronized void start() {
        running = true;
        if (!directory.accounts().isEmpty()) {
            return;
        }
        String password = Secrets.random();
        try {
            // The file first: an account whose password nobody can learn would lock everybody out.
            write(data.adminPassword(), password);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + data.adminPassword(), e);
        }
        if (!accounts.create(Accounts.ADMIN, password, true, Set.of())) {
            removeFile(); // another process on the same database was faster, and has the file
            return;
        }
        LOG.atInfo()
                .addKeyValue("account", Accounts.ADMIN)
                .addKeyValue("passwordFile", data.adminPassword())
                .log("first administrator made: its password is in the file admin-password of the data directory");
    }

    private void removeFile() {
        try {
            Files.deleteIfExists(data.adminPassword());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove " + data.adminPassword(), e);
        }
    }

    private static void write(Path file, String password) throws IOException {
        Path directory = Objects.requireNonNull(file.getParent());
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(fresh);
        try (FileChannel channel = FileChannel.open(
                fresh,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            ByteBuffer bytes = ByteBuffer.wrap((password + "\n").getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        DurableFiles.rename(fresh, directory, file.getFileName().toString());
    }

    @Override
    public synchronized void stop() {
        running = false;
    }

    @Override
    public synchronized boolean isRunning() {
        return running;
    }

    /** Before the first request. */
    @Override
    public int getPhase() {
        return DataDirectory.PHASE + 2;
    }
}
