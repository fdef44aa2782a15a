package io.berth.dockerfile;

import java.util.List;

/**
 * An instruction as it stands in the file.
 *
 * @param keyword as written, in its own case
 * @param text the whole instruction as BuildKit shows it: continuation lines joined, comments and here-documents left out
 * @param lines from its first to its last line, here-documents included
 * @param comments the comments right before it, without {@code #} and space
 */
public record InstructionSource(String keyword, String text, Lines lines, List<String> comments) {
    public InstructionSource {
        comments = List.copyOf(comments);
    }
}
