package io.berth.engine.log;

/**
 * How log files are rotated.
 *
 * @param maxFileBytes a file that has reached this size is rotated
 * @param maxFiles how many files are kept, the current one included
 * @param compress whether rotated files are compressed
 */
record FileSettings(long maxFileBytes, int maxFiles, boolean compress) {
    /** Unlike Docker's, logs rotate when nothing is said. */
    static final FileSettings JSON_FILE = new FileSettings(10_000_000, 3, false);

    static final FileSettings LOCAL = new FileSettings(20L << 20, 5, true);

    /**
     * Reads {@code max-size}, {@code max-file} and {@code compress}.
     *
     * @param prefix before these names
     * @throws LogDriverException for wrong values, in moby's words
     */
    static FileSettings of(LogOptions options, String prefix, FileSettings defaults) {
        long bytes = options.text(prefix + "max-size").isEmpty()
                ? defaults.maxFileBytes
                : options.decimalSize(prefix + "max-size");
        if (bytes <= 0) {
            throw new LogDriverException("max-size must be a positive number");
        }
        int files = options.number(prefix + "max-file", defaults.maxFiles);
        if (files < 1) {
            throw new LogDriverException("max-file cannot be less than 1");
        }
        boolean compress = options.flag(prefix + "compress", defaults.compress && files > 1);
        if (compress && (files == 1 || bytes == Long.MAX_VALUE)) {
            throw new LogDriverException("compress cannot be true when max-file is less than 2 or max-size is not set");
        }
        return new FileSettings(bytes, files, compress);
    }
}
