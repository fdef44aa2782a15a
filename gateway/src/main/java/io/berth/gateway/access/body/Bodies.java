package io.berth.gateway.access.body;

import com.fasterxml.jackson.annotation.Nulls;
import io.berth.docker.error.InvalidParameter;
import io.berth.json.Bounds;
import java.io.IOException;
import java.io.InputStream;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Reads the bodies of the administration: whole, at most 64 KiB, and with nothing in them that is not asked for. */
public final class Bodies {
    private static final int MAX_BYTES = 64 * 1024;
    private static final JsonMapper STRICT = Bounds.REQUEST
            .mapper()
            // A field that is not asked for is an attempt at one that must not be set, or a misspelt one.
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .changeDefaultNullHandling(nulls -> nulls.withContentNulls(Nulls.FAIL))
            .build();

    private Bodies() {}

    /**
     * Reads a JSON object.
     *
     * @throws InvalidParameter when it is no object of the type, or too large
     */
    public static <T> T json(InputStream in, Class<T> type) throws IOException {
        byte[] body = in.readNBytes(MAX_BYTES + 1);
        if (body.length > MAX_BYTES) {
            throw new InvalidParameter("the body is larger than " + MAX_BYTES + " bytes");
        }
        try {
            T read = STRICT.readValue(body, type);
            if (read == null) {
                throw new InvalidParameter("malformed request body");
            }
            return read;
        } catch (JacksonException e) {
            throw new InvalidParameter("malformed request body: " + Bounds.reason(e), e);
        }
    }
}
