package io.berth.registry.blob.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.fuzz.Fuzzer;
import org.junit.jupiter.api.Test;

/** Ranges of blobs; one that is taken lies inside of the blob. */
class RangeFuzzTest {
    @Test
    void ranges() {
        Fuzzer.of("range")
                .examples("bytes=0-9", "bytes=5-", "bytes=-3", "bytes= 1-2 ")
                .words("-", "=", ",", "bytes=")
                .runText(text -> ByteRange.parse(text, 10)
                        .filter(ByteRange::satisfiable)
                        .ifPresent(range -> {
                            assertThat(range.first()).isBetween(0L, 9L);
                            assertThat(range.first() + range.length()).isBetween(1L, 10L);
                        }));
    }
}
