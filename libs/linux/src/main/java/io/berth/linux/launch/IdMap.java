package io.berth.linux.launch;

/**
 * A line of a user namespace's map (user_namespaces(7)): ids from {@code inside} are ids from {@code outside} of the parent.
 *
 * @param inside first id inside
 * @param outside first id outside
 * @param count how many follow each other
 */
public record IdMap(long inside, long outside, long count) {
    private static final long MAX_ID = 0xfffffffeL;

    public IdMap {
        if (inside < 0 || outside < 0 || count <= 0 || inside + count - 1 > MAX_ID || outside + count - 1 > MAX_ID) {
            throw new IllegalArgumentException("ids: " + inside + " " + outside + " " + count
                    + " (expected: a range of 32-bit ids without the last)");
        }
    }

    String line() {
        return inside + " " + outside + " " + count + "\n";
    }
}
