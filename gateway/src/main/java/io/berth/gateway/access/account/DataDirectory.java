package io.berth.gateway.access.account;

import io.berth.gateway.access.AccessProperties;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/** The directory of the default database, which nobody else may look into. */
@Component
final class DataDirectory implements SmartLifecycle {
    private final Path root;
    private volatile boolean running;

    DataDirectory(AccessProperties properties) {
        this.root = properties.dataDir();
    }

    /** Takes the directory's permissions from others; with another database there may be none. */
    @Override
    public void start() {
        try {
            if (Files.isDirectory(root)) {
                Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwx------"));
            }
            running = true;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot protect the data directory " + root, e);
        }
    }

    @Override
    public void stop() {
        running = false;
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    @Override
    public int getPhase() {
        return -200;
    }
}
