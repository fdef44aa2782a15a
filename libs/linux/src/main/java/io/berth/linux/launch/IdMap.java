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

    /**
     * Reads the first line of a map as the kernel shows it, such as {@code "         0     100000      65536"}.
     *
     * @throws IllegalArgumentException when it has none
     */
    static IdMap parse(String map) {
        String[] numbers = map.lines().findFirst().orElse("").strip().split("\\s+");
        if (numbers.length != 3) {
            throw new IllegalArgumentException("id map: \"" + map + "\" (expected: three numbers)");
        }
        return new IdMap(Long.parseLong(numbers[0]), Long.parseLong(numbers[1]), Long.parseLong(numbers[2]));
    }

    String line() {
        return inside + " " + outside + " " + count + "\n";
    }
}
