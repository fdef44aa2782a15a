package io.berth.registry.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.oci.Digest;
import org.junit.jupiter.api.Test;

class ManifestCacheTest {
    @Test
    void keepsWhatWasAskedForLastWithinItsCapacity() {
        ManifestCache cache = new ManifestCache(160);
        for (int i = 0; i < 16; i++) {
            cache.keep(digest(i), new byte[10]);
        }
        assertThat(cache.find(digest(0))).isPresent();

        cache.keep(digest(16), new byte[10]);

        assertThat(cache.find(digest(1))).isEmpty();
        assertThat(cache.find(digest(0))).isPresent();
        assertThat(cache.find(digest(16))).isPresent();
    }

    @Test
    void countsAReplacedEntryOnce() {
        ManifestCache cache = new ManifestCache(160);
        for (int i = 0; i < 1000; i++) {
            cache.keep(digest(1), new byte[10]);
        }
        for (int i = 2; i < 17; i++) {
            cache.keep(digest(i), new byte[10]);
        }
        assertThat(cache.find(digest(1))).isPresent();
    }

    @Test
    void refusesWhatWouldPushOutTheRest() {
        ManifestCache cache = new ManifestCache(160);
        cache.keep(digest(1), new byte[11]);
        assertThat(cache.find(digest(1))).isEmpty();
        ManifestCache none = new ManifestCache(0);
        none.keep(digest(1), new byte[1]);
        assertThat(none.find(digest(1))).isEmpty();
    }

    private static Digest digest(int number) {
        return Digest.sha256(new byte[] {(byte) number});
    }
}
