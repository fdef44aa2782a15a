package io.berth.engine.system;

import io.berth.engine.data.EngineProperties;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.UUID;
import org.springframework.stereotype.Component;

/** The engine's own id: made when it is first asked for, kept in {@code <data-dir>/engine-id}. Thread-safe. */
@Component
public final class EngineIdentity {
    private final Path file;

    EngineIdentity(EngineProperties engine) {
        this.file = engine.dataDir().resolve("engine-id");
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
