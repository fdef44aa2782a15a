package io.berth.registry.storage.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackgroundSyncTest {
    private static final long LARGE = 64 * 1024 * 1024;

    @TempDir
    Path directory;

    private FileChannel channel;

    @BeforeEach
    void open() throws IOException {
        channel = FileChannel.open(directory.resolve("file"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    }

    @Test
    void leavesSmallFilesAlone() throws IOException {
        channel.close(); // a sync would fail
        BackgroundSync sync = new BackgroundSync(channel);
        sync.written(1024);
        sync.close();
        assertThat(sync.lost()).isFalse();
    }

    @Test
    void remembersThatSomethingWasLost() throws IOException {
        channel.close();
        BackgroundSync sync = new BackgroundSync(channel);
        sync.written(LARGE);
        sync.close();
        assertThat(sync.lost()).isTrue();
        assertThatThrownBy(sync::requireIntact).hasStackTraceContaining(ClosedChannelException.class.getName());
    }

    @Test
    void syncsWhatIsThere() throws IOException {
        try (FileChannel open = channel) {
            BackgroundSync sync = new BackgroundSync(open);
            sync.written(LARGE);
            sync.written(LARGE);
            sync.close();
            assertThatCode(sync::requireIntact).doesNotThrowAnyException();
        }
    }
}
