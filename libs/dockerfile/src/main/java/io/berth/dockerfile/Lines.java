package io.berth.dockerfile;

/**
 * A range of lines of a Dockerfile.
 *
 * @param first from 1; 0 when the place is not known
 * @param last the last line that belongs to it
 */
public record Lines(int first, int last) {
    /** No place in particular. */
    public static final Lines NONE = new Lines(0, 0);

    /** One line. */
    public static Lines line(int number) {
        return new Lines(number, number);
    }
}
