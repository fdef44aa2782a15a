package io.berth.json;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a JSON document may be. A mapper counts while it reads, so that a document beyond its bounds is given up where it passes
 * them, whatever follows. All mappers are made here: the one way to have one without bounds would be to forget them.
 *
 * <p>The numbers leave room for what real programs send. A create request has some hundreds of values; one that publishes a range of
 * 16,000 ports has 190,000. A manifest has eight tokens for each layer, of which there are 127 at most where an overlay is
 * made of them. The longest text is a configuration of 1 MB in base64, or the data of a descriptor.
 */
public enum Bounds {
    /** A request of a client's. */
    REQUEST(32, 200_000, 2 << 20, 4 << 20),

    /** A document of an image or a registry: manifests, indexes, configurations, attestations. */
    CONTENT(64, 200_000, 4 << 20, 4 << 20),

    /** What the platform itself has written: answers of its services, rows of its databases, lines of its logs. */
    OWN(64, 1_000_000, 16 << 20, 32 << 20);

    /** A filter has its values as names. */
    private static final int MAX_NAME_LENGTH = 64 * 1024;

    /** Of 64 bits, and of floating point in full, are 25 at most. */
    private static final int MAX_NUMBER_LENGTH = 100;

    /** Texts as they came and as objects, two bytes to a character, and once more when the document is written out again. */
    private static final int MEMORY_PER_BYTE = 4;

    /** An object with one field is three tokens, and has a node, a map, its table and an entry. */
    private static final int MEMORY_PER_TOKEN = 100;

    private static final int MIN_BYTES_PER_TOKEN = 2;

    private static final Pattern EXCEEDED =
            Pattern.compile("(.+?) \\((\\d+)\\) exceeds the maximum allowed \\((\\d+).*", Pattern.DOTALL);
    private static final int MAX_REASON_LENGTH = 300;

    private final int maxDepth;
    private final int maxTokens;
    private final int maxTextLength;
    private final int maxBytes;

    Bounds(int maxDepth, int maxTokens, int maxTextLength, int maxBytes) {
        this.maxDepth = maxDepth;
        this.maxTokens = maxTokens;
        this.maxTextLength = maxTextLength;
        this.maxBytes = maxBytes;
    }

    private StreamReadConstraints constraints() {
        return StreamReadConstraints.builder()
                .maxNestingDepth(maxDepth)
                .maxTokenCount(maxTokens)
                .maxStringLength(maxTextLength)
                .maxNameLength(MAX_NAME_LENGTH)
                .maxNumberLength(MAX_NUMBER_LENGTH)
                .maxDocumentLength(maxBytes)
                .build();
    }

    /** A mapper that keeps to these bounds, to be configured further. */
    public JsonMapper.Builder mapper() {
        return JsonMapper.builder(
                JsonFactory.builder().streamReadConstraints(constraints()).build());
    }

    /** Mappers that libraries make for themselves keep to these bounds from now on. */
    public void becomeDefaults() {
        StreamReadConstraints.overrideDefaultStreamReadConstraints(constraints());
    }

    /** The most memory, in bytes, that the worst document of a length takes while it is worked on, its text not included. */
    public long memory(long bytes) {
        return MEMORY_PER_BYTE * bytes + MEMORY_PER_TOKEN * Math.min(maxTokens, bytes / MIN_BYTES_PER_TOKEN);
    }

    /** Why a document was not taken, in words that a client may read: what the library says names its own classes. */
    public static String reason(JacksonException refused) {
        String said = String.valueOf(refused.getOriginalMessage());
        if (refused instanceof StreamConstraintsException) {
            Matcher exceeded = EXCEEDED.matcher(said);
            return exceeded.matches()
                    ? "the " + lower(exceeded.group(1)) + " is more than " + exceeded.group(3)
                    : "it is beyond what a document may be";
        }
        if (refused instanceof StreamReadException) {
            int location = said.indexOf(" (start marker at [");
            return shortened(lower(location < 0 ? said : said.substring(0, location)));
        }
        return refused instanceof DatabindException ? "a value of the wrong kind" + place(refused) : "it is malformed";
    }

    private static String place(JacksonException refused) {
        StringBuilder path = new StringBuilder();
        for (JacksonException.Reference step : refused.getPath()) {
            String name = step.getPropertyName();
            if (name != null) {
                path.append(path.isEmpty() ? "" : ".").append(name);
            } else if (step.getIndex() >= 0) {
                path.append('[').append(step.getIndex()).append(']');
            }
        }
        return path.isEmpty() ? "" : " at " + shortened(path.toString());
    }

    private static String lower(String text) {
        return text.isEmpty() ? text : Character.toLowerCase(text.charAt(0)) + text.substring(1);
    }

    private static String shortened(String text) {
        return text.length() <= MAX_REASON_LENGTH ? text : text.substring(0, MAX_REASON_LENGTH) + "…";
    }
}
