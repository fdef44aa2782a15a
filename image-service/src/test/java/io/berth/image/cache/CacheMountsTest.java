package io.berth.image.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.image.cache.CacheMounts.CacheMount;
import io.berth.image.cache.CacheMounts.Sharing;
import io.berth.image.data.DataDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CacheMountsTest {
    @TempDir
    Path directory;

    private CacheMounts mounts;

    @BeforeEach
    void open() throws IOException {
        DataDirectory data = new DataDirectory(directory);
        Files.createDirectories(data.buildCache());
        mounts = new CacheMounts(data);
    }

    private CacheMount take(String id, Sharing sharing) throws InterruptedException {
        return mounts.take(id, sharing, _ -> {});
    }

    @Test
    void aCacheKeepsWhatIsInIt() throws Exception {
        try (CacheMount first = take("id", Sharing.SHARED)) {
            Files.writeString(first.directory().resolve("kept"), "x");
        }
        try (CacheMount second = take("id", Sharing.LOCKED);
                CacheMount other = take("other", Sharing.SHARED)) {
            assertThat(second.directory().resolve("kept")).hasContent("x");
            assertThat(other.directory()).isEmptyDirectory();
        }
    }

    @Test
    void noIdLeadsOutOfTheDirectory() throws Exception {
        for (String id : new String[] {"../../x", "/etc", "", ".", "a/b", "a\0b", "x".repeat(100_000)}) {
            try (CacheMount taken = take(id, Sharing.SHARED)) {
                assertThat(taken.directory().toRealPath())
                        .startsWith(directory.toRealPath().resolve("build-cache"));
            }
        }
        assertThat(directory).isDirectoryContaining(path -> path.endsWith("build-cache"));
        assertThat(mounts.list()).hasSize(7);
    }

    @Test
    void sharingSaysWhoWaits() throws Exception {
        try (CacheMount first = take("s", Sharing.SHARED);
                CacheMount second = take("s", Sharing.SHARED)) {
            assertThat(second.directory()).isEqualTo(first.directory());
        }
        try (CacheMount first = take("p", Sharing.PRIVATE);
                CacheMount second = take("p", Sharing.PRIVATE)) {
            assertThat(second.directory()).isNotEqualTo(first.directory());
        }
        CompletableFuture<Path> waiting;
        try (CacheMount _ = take("l", Sharing.LOCKED)) {
            waiting = CompletableFuture.supplyAsync(() -> {
                try (CacheMount second = take("l", Sharing.LOCKED)) {
                    return second.directory();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
            assertThatThrownBy(() -> waiting.get(200, TimeUnit.MILLISECONDS))
                    .isInstanceOf(java.util.concurrent.TimeoutException.class);
        }
        assertThat(waiting.get(10, TimeUnit.SECONDS)).isDirectory();
    }

    @Test
    void aCacheInUseIsNotRemoved() throws Exception {
        CacheMount taken = take("used", Sharing.SHARED);
        CacheRecord record = mounts.list().getFirst();
        assertThat(record.inUse()).isTrue();
        assertThat(record.description()).isEqualTo("cached mount used");
        String name = record.directory();
        assertThat(name).isNotNull();
        assertThat(mounts.remove(String.valueOf(name))).isFalse();
        taken.close();
        assertThat(mounts.remove(String.valueOf(name))).isTrue();
        assertThat(mounts.list()).isEmpty();
    }

    /** One that cannot be filled is not there. */
    @Test
    void aCacheIsWholeOrNotThere() {
        assertThatThrownBy(() -> mounts.take("broken", Sharing.LOCKED, _ -> {
                    throw new IllegalStateException("no");
                }))
                .hasMessage("no");
        assertThat(mounts.list()).isEmpty();
        assertThat(CompletableFuture.supplyAsync(() -> {
                    try (CacheMount again = take("broken", Sharing.LOCKED)) {
                        return again.directory();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                }))
                .succeedsWithin(java.time.Duration.ofSeconds(10));
    }
}
