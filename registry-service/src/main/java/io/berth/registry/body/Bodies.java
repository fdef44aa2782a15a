package io.berth.registry.body;

import com.fasterxml.jackson.annotation.Nulls;
import io.berth.json.Bounds;
import io.berth.registry.error.ErrorCode;
import io.berth.registry.error.RegistryException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Reads bodies that are not content: whole, at most 64 KiB, and with nothing in them that is not asked for. */
public final class Bodies {
    /** Largest body in bytes. */
    public static final int MAX_BYTES = 64 * 1024;

    private static final int TOO_LARGE = 413;
    private static final JsonMapper STRICT = Bounds.REQUEST
            .mapper()
            // A field that is not asked for is an attempt at one that must not be set, or a misspelt one.
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .changeDefaultNullHandling(nulls -> nulls.withContentNulls(Nulls.FAIL))
            .build();

    private Bodies() {}

    /**
     * Reads a JSON object.
     *
     * @throws RegistryException 413 when it is larger than the limit, 400 when it is no object of the type
     */
    public static <T> T json(InputStream in, Class<T> type) throws IOException {
        try {
            T read = STRICT.readValue(bytes(in), type);
            if (read == null) {
                throw malformed(null);
            }
            return read;
        } catch (JacksonException e) {
            throw malformed(e);
        }
    }

    private static RegistryException malformed(@Nullable Throwable cause) {
        RegistryException refused = RegistryException.of(400, ErrorCode.UNSUPPORTED, "malformed request body");
        if (cause != null) {
            refused.initCause(cause);
        }
        return refused;
    }

    /**
     * Reads a form ({@code application/x-www-form-urlencoded}).
     *
     * @return the values of each parameter, in order
     * @throws RegistryException 413 when it is larger than the limit, 400 when it is no form
     */
    public static Map<String, List<String>> form(InputStream in) throws IOException {
        Map<String, List<String>> parameters = new HashMap<>();
        String text = new String(bytes(in), StandardCharsets.UTF_8);
        try {
            for (String pair : text.split("&", -1)) {
                int equals = pair.indexOf('=');
                if (equals > 0) {
                    parameters
                            .computeIfAbsent(decoded(pair.substring(0, equals)), _ -> new ArrayList<>())
                            .add(decoded(pair.substring(equals + 1)));
                }
            }
        } catch (IllegalArgumentException e) {
            throw malformed(e);
        }
        return parameters;
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    private static byte[] bytes(InputStream in) throws IOException {
        byte[] body = in.readNBytes(MAX_BYTES + 1);
        if (body.length > MAX_BYTES) {
            throw RegistryException.of(
                    TOO_LARGE, ErrorCode.SIZE_INVALID, "the body is larger than " + MAX_BYTES + " bytes");
        }
        return body;
    }
}
