package io.berth.buildkit;

import java.io.IOException;
import java.util.List;

/**
 * The files of a build's result, as clients read them. Paths are relative to its root or absolute in it, in any spelling,
 * and hostile: links resolve inside of the result. What does not exist is {@link io.berth.docker.error.NotFound}.
 */
public interface ResultFiles extends AutoCloseable {
    /**
     * A part of a regular file.
     *
     * @param offset where it begins, 0 or more
     * @param length how much at most, less at the end of the file
     */
    byte[] read(String path, long offset, int length) throws IOException;

    /** What is at a path; a link at its end is told as such. The entry's path is the name alone. */
    TreeEntry stat(String path) throws IOException;

    /** What is in a directory, in alphabetical order; the entries' paths are names alone. */
    List<TreeEntry> list(String directory) throws IOException;

    @Override
    void close();
}
