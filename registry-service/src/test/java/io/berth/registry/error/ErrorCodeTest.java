package io.berth.registry.error;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ErrorCodeTest {
    @Test
    void areTheSpecificationsFourteen() {
        assertThat(ErrorCode.values())
                .extracting(Enum::name)
                .containsExactly(
                        "BLOB_UNKNOWN",
                        "BLOB_UPLOAD_INVALID",
                        "BLOB_UPLOAD_UNKNOWN",
                        "DIGEST_INVALID",
                        "MANIFEST_BLOB_UNKNOWN",
                        "MANIFEST_INVALID",
                        "MANIFEST_UNKNOWN",
                        "NAME_INVALID",
                        "NAME_UNKNOWN",
                        "SIZE_INVALID",
                        "UNAUTHORIZED",
                        "DENIED",
                        "UNSUPPORTED",
                        "TOOMANYREQUESTS");
    }
}
