package io.berth.buildkit;

import io.berth.linux.fd.Directory;

/**
 * A client's directory as it has been received. Its files may be read and linked, but not changed: the next build takes what
 * is unchanged from here.
 */
public interface ReceivedTree extends AutoCloseable {
    /** The tree; open until {@link #close}. Links in it are the client's: they resolve inside, as in any hostile tree. */
    Directory root();

    /** Gives the directory back for later builds. */
    @Override
    void close();
}
