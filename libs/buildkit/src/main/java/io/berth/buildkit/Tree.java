package io.berth.buildkit;

import java.io.IOException;
import java.io.InputStream;

/**
 * A tree of files that is sent to a client. {@code transfer.DirectoryTree} is one of a directory.
 */
public interface Tree {
    /**
     * Tells all entries, each directory before what is in it, the names of one directory in the order of their bytes. The
     * root itself is none of them.
     */
    void walk(Visitor visitor) throws IOException, InterruptedException;

    /**
     * The content of a regular file that {@link #walk} has told of. Called by another thread than the walk's, while it may
     * still go on, or after it.
     */
    InputStream open(String path) throws IOException;

    /** Told of the entries of a tree. */
    @FunctionalInterface
    interface Visitor {
        void entry(TreeEntry entry) throws IOException, InterruptedException;
    }
}
