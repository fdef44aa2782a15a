package io.berth.registry.blob.web;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ByteRangeTest {
    @ParameterizedTest
    @CsvSource({
        "bytes=0-0, bytes 0-0/10",
        "bytes=3-5, bytes 3-5/10",
        "bytes=3-, bytes 3-9/10",
        "bytes=3-99, bytes 3-9/10",
        "bytes=-4, bytes 6-9/10",
        "bytes=-99, bytes 0-9/10",
        "bytes=9-9, bytes 9-9/10"
    })
    void isCutToTheBlob(String header, String contentRange) {
        assertThat(ByteRange.parse(header, 10))
                .hasValueSatisfying(range -> assertThat(range.contentRange(10)).isEqualTo(contentRange));
    }

    @ParameterizedTest
    @ValueSource(strings = {"bytes=10-", "bytes=10-20", "bytes=-0"})
    void beyondTheEndIsUnsatisfiable(String header) {
        assertThat(ByteRange.parse(header, 10)).hasValueSatisfying(range -> {
            assertThat(range.satisfiable()).isFalse();
            assertThat(range.contentRange(10)).isEqualTo("bytes */10");
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"bytes=5-3", "bytes=-", "bytes=a-b", "bytes=0-1,3-4", "items=0-1", "bytes=0x1-2", ""})
    void otherFormsAreIgnored(String header) {
        assertThat(ByteRange.parse(header, 10)).isEmpty();
    }
}
