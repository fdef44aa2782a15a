package io.berth.kernel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDirFactory;

/**
 * Makes the directories of {@code @TempDir} and remembers them, so that {@link LeakCheck} can tell what is this JVM's. JUnit
 * uses it for all tests that have this module on their class path ({@code junit-platform.properties}).
 */
public final class OwnTempDirs implements TempDirFactory {
    private static final List<Path> MADE = new CopyOnWriteArrayList<>();

    /** Made by JUnit. */
    public OwnTempDirs() {}

    @Override
    public Path createTempDirectory(AnnotatedElementContext element, ExtensionContext context) throws IOException {
        Path directory = Files.createTempDirectory("junit-");
        MADE.add(directory);
        return directory;
    }

    /** All that this JVM has made, some of which may be gone. */
    static List<Path> made() {
        return List.copyOf(MADE);
    }
}
