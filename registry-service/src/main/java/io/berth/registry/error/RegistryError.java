package io.berth.registry.error;

import java.util.Map;

/**
 * One entry of an error response.
 *
 * <pre>{"code": "BLOB_UNKNOWN", "message": "blob unknown to registry", "detail": {"digest": "sha256:…"}}</pre>
 *
 * @param detail what the error is about, such as the digest; may be empty
 */
public record RegistryError(ErrorCode code, String message, Map<String, String> detail) {
    public RegistryError {
        detail = Map.copyOf(detail);
    }

    /** An error in the specification's own words. */
    public static RegistryError of(ErrorCode code, Map<String, String> detail) {
        return new RegistryError(code, code.description(), detail);
    }

    /** An error in words that name the subject. */
    public static RegistryError of(ErrorCode code, String message) {
        return new RegistryError(code, message, Map.of());
    }
}
