package io.berth.linux.launch;

/**
 * Zeroed memory that the child and this process share while a program runs: kernel answers are read into it and
 * checked there.
 *
 * @param index tells the areas of one program apart
 * @param name for the reader
 * @param size in bytes, positive
 */
public record Scratch(int index, String name, int size) {
    public Scratch {
        if (size <= 0) {
            throw new IllegalArgumentException("size: " + size + " (expected: > 0)");
        }
    }

    /** The address of a byte in it. */
    public Argument.ScratchAddress at(int offset) {
        return new Argument.ScratchAddress(this, offset);
    }
}
