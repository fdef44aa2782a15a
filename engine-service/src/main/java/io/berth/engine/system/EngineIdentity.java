package io.berth.engine.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.UUID;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/** The engine's own id: made when it is first asked for, kept in {@code <data-dir>/engine-id}. Thread-safe. */
@Component
public final class EngineIdentity {
    private final Path file;

    EngineIdentity(@Value("${berth.engine.data-dir}") Path dataDirectory) {
        this.file = dataDirectory.resolve("engine-id");
    }

    public synchronized String id() {
        try {
            if (Files.exists(file)) {
                return Files.readString(file).strip();
            }
            String id = UUID.randomUUID().toString();
            Path beside = Files.writeString(file.resolveSibling("engine-id.new"), id);
            Path _ = Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE);
            return id;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot keep the engine's id in " + file, e);
        }
    }
}
