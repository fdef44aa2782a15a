package io.berth.gateway.access.policy;

import io.berth.docker.error.InvalidParameter;
import io.berth.json.Bounds;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.util.ByteBufferBackedInputStream;

/**
 * Reads a request's JSON so that it can be read in one way only. The services take field names in any case and the last of
 * several; here a name that comes twice, in whatever case, is refused, and each known one gets Docker's spelling. Written out
 * again, such a tree means to a service what was decided on.
 */
public final class StrictJson {
    private static final JsonMapper MAPPER = Bounds.REQUEST
            .mapper()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private StrictJson() {}

    /**
     * Reads an object.
     *
     * @param body UTF-8; a body of nothing is an empty object
     * @throws InvalidParameter when it is none, or a name comes twice at any depth, or a number is beyond all that there are
     */
    public static ObjectNode object(ByteBuffer body) {
        if (!body.hasRemaining()) {
            return MAPPER.createObjectNode();
        }
        try {
            // Other encodings, and bytes that are no text, could be read in another way by somebody else.
            Reader text =
                    new InputStreamReader(new ByteBufferBackedInputStream(body), StandardCharsets.UTF_8.newDecoder());
            JsonNode read = MAPPER.readTree(text);
            if (read instanceof ObjectNode object) {
                requireFinite(object);
                return object;
            }
            throw new InvalidParameter("invalid JSON: an object is expected");
        } catch (StreamConstraintsException e) {
            throw new InvalidParameter("invalid JSON: " + Bounds.reason(e), e);
        } catch (JacksonException e) {
            throw new InvalidParameter("invalid JSON: it is malformed, or a name comes twice in an object", e);
        }
    }

    /** A number such as 1e999 is read as infinite, which is written out as a text. */
    private static void requireFinite(JsonNode node) {
        if (node.isFloatingPointNumber() && !Double.isFinite(node.doubleValue())) {
            throw new InvalidParameter("invalid JSON: a number is too large");
        }
        node.values().forEach(StrictJson::requireFinite);
    }

    /**
     * Gives an object's fields the spelling of the names that are known.
     *
     * @param names Docker's
     * @throws InvalidParameter when a name comes twice, or has other characters than letters and digits of ASCII
     */
    public static void canonicalise(ObjectNode object, Set<String> names) {
        Map<String, String> spellings = new HashMap<>();
        names.forEach(name -> spellings.put(name.toLowerCase(Locale.ROOT), name));
        Map<String, JsonNode> fields = new HashMap<>();
        for (Map.Entry<String, JsonNode> field : object.properties()) {
            String name = field.getKey();
            if (!isPlain(name)) {
                throw new InvalidParameter("invalid JSON: the name of a field has a character that it cannot have");
            }
            String lower = name.toLowerCase(Locale.ROOT);
            if (fields.put(spellings.getOrDefault(lower, lower), field.getValue()) != null) {
                throw new InvalidParameter("invalid JSON: the field " + name + " comes twice");
            }
        }
        object.removeAll();
        fields.forEach(object::set);
    }

    private static boolean isPlain(String name) {
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean plain =
                    (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
            if (!plain) {
                return false;
            }
        }
        return !name.isEmpty();
    }

    /** Whether a value is what a field has when it is left out. */
    public static boolean isDefault(@Nullable JsonNode value) {
        return value == null
                || value.isNull()
                || (value.isBoolean() && !value.booleanValue())
                || (value.isIntegralNumber() && value.canConvertToLong() && value.longValue() == 0)
                || (value.isString() && value.stringValue().isEmpty())
                || (value.isContainer() && value.isEmpty());
    }

    /** The bytes of a tree, UTF-8. */
    public static ByteBuffer bytes(ObjectNode object) {
        return ByteBuffer.wrap(MAPPER.writeValueAsBytes(object));
    }
}
