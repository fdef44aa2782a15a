package io.berth.engine.stream;

import io.berth.docker.error.InvalidParameter;
import java.io.ByteArrayOutputStream;

/**
 * Finds the sequence of keys with which a user of a terminal leaves without ending the process.
 *
 * <p>Keeps how much of the sequence was seen; used by one thread.
 */
public final class DetachKeys {
    private static final String DEFAULT = "ctrl-p,ctrl-q";

    private final byte[] sequence;
    private int seen;

    private DetachKeys(byte[] sequence) {
        this.sequence = sequence;
    }

    /**
     * Parses Docker's form, single characters and {@code ctrl-<value>} separated by commas; empty is ctrl-p,ctrl-q.
     *
     * @param kind what the error message calls them
     * @throws InvalidParameter for anything else
     */
    public static DetachKeys parse(String text, String kind) {
        ByteArrayOutputStream keys = new ByteArrayOutputStream();
        for (String key : (text.isEmpty() ? DEFAULT : text).split(",", -1)) {
            keys.write(code(key, text, kind));
        }
        return new DetachKeys(keys.toByteArray());
    }

    private static int code(String key, String text, String kind) {
        if (key.length() == 1 && key.charAt(0) < 0x80) {
            return key.charAt(0);
        }
        if (key.length() == 6 && key.startsWith("ctrl-")) {
            char value = key.charAt(5);
            if (value >= 'a' && value <= 'z') {
                return value - 'a' + 1;
            }
            if (value == '@' || (value >= '[' && value <= '_')) {
                return value - '@';
            }
        }
        throw new InvalidParameter("Invalid " + kind + " keys (" + text + ") provided");
    }

    /**
     * Looks through input.
     *
     * @return what to pass on to the process, and whether the sequence is complete. The beginning of a possible sequence is
     *     held back until the next input decides.
     */
    public Seen look(byte[] input, int length) {
        ByteArrayOutputStream pass = new ByteArrayOutputStream(length + sequence.length);
        for (int i = 0; i < length; i++) {
            if (input[i] == sequence[seen]) {
                seen++;
            } else {
                pass.write(sequence, 0, seen);
                seen = input[i] == sequence[0] ? 1 : 0;
                if (seen == 0) {
                    pass.write(input[i]);
                }
            }
            if (seen == sequence.length) {
                seen = 0;
                return new Seen(pass.toByteArray(), true);
            }
        }
        return new Seen(pass.toByteArray(), false);
    }

    /** What input came to. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Seen(byte[] pass, boolean detached) {}
}
