package io.berth.docker;

import io.berth.docker.error.InvalidParameter;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How many labels something may have, and how long: they are kept in memory as long as it is there, and go with each event and each list.
 * Docker has no limit; programs that write whole settings into labels stay far below these.
 */
public final class LabelBounds {
    private static final int MOST = 1_000;
    private static final int MOST_LENGTH = 256 * 1024;

    private LabelBounds() {}

    /**
     * Refuses more than there may be.
     *
     * @param labels or options; null for none
     * @param what they are called in the error
     */
    public static void check(@Nullable Map<String, String> labels, String what) {
        if (labels == null) {
            return;
        }
        if (labels.size() > MOST) {
            throw new InvalidParameter("too many " + what + ": there may be " + MOST);
        }
        long length = 0;
        for (Map.Entry<String, @Nullable String> label : labels.entrySet()) {
            String value = label.getValue();
            length += label.getKey().length() + (value == null ? 0 : value.length());
        }
        if (length > MOST_LENGTH) {
            throw new InvalidParameter(
                    "the " + what + " are too long: together they may have " + MOST_LENGTH + " characters");
        }
    }
}
