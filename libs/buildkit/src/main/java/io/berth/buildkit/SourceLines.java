package io.berth.buildkit;

import java.util.List;

/**
 * Lines of a Dockerfile, for errors and warnings that show them.
 *
 * @param filename as the user knows it
 * @param text the whole file
 * @param ranges of lines
 */
public record SourceLines(String filename, String text, List<Range> ranges) {
    /**
     * Lines of a file.
     *
     * @param first from 1
     * @param last not less than the first
     */
    public record Range(int first, int last) {}

    public SourceLines {
        ranges = List.copyOf(ranges);
    }
}
