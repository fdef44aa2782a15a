package io.berth.buildkit;

import io.berth.oci.Digest;
import java.io.IOException;
import java.io.InputStream;

/**
 * A store of blobs that the client has: the OCI layout in one of its directories (containerd: services/content/v1). What it gives is
 * not verified. For use by several threads at once.
 */
public interface ClientContent {
    /**
     * A blob's size in bytes.
     *
     * @throws SessionException when the client has no such blob or no such store
     */
    long size(Digest digest) throws IOException, InterruptedException;

    /**
     * A blob's bytes, from an offset to its end.
     *
     * @return to be closed; reading fails where the client does, and when its thread is interrupted
     */
    InputStream open(Digest digest, long offset) throws IOException;

    /**
     * Has the client keep a blob; one that it has is not sent.
     *
     * @param size in bytes
     * @param content of the blob, which the client verifies
     */
    void write(Digest digest, long size, InputStream content) throws IOException, InterruptedException;
}
