package io.berth.registry.durability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataDirectoryTest {
    @TempDir
    Path temporary;

    @Test
    void isPrivateAndEmptiesStaging() throws IOException {
        Path root = temporary.resolve("deep/data");
        Path left = root.resolve("staging/left");
        Files.createDirectories(left.getParent());
        Files.writeString(left, "x");
        DataDirectory directory = new DataDirectory(root);
        directory.start();
        assertThat(left).doesNotExist();
        assertThat(Files.getPosixFilePermissions(root)).hasSize(3);
        assertThat(directory.blobs()).isDirectory();
        assertThat(directory.uploads()).isDirectory();
        directory.stop();
        assertThat(directory.isRunning()).isFalse();
    }

    @Test
    void belongsToOneAtATime() {
        DataDirectory first = new DataDirectory(temporary);
        first.start();
        DataDirectory second = new DataDirectory(temporary);
        assertThatThrownBy(second::start)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("another registry");
        first.stop();
        second.start();
        second.stop();
    }
}
