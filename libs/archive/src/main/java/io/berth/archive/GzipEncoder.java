package io.berth.archive;

import java.io.IOException;
import java.io.OutputStream;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/**
 * Compresses with gzip at the fastest level: what comes in uncompressed is compressed once, on the way to the content
 * store, so that neither the disk nor a push carries it whole. Closing it ends the gzip data and leaves the stream below
 * open.
 */
public final class GzipEncoder extends GZIPOutputStream {
    private static final int BUFFER = 64 * 1024;

    private boolean ended;

    public GzipEncoder(OutputStream out) throws IOException {
        super(out, BUFFER);
        def.setLevel(Deflater.BEST_SPEED);
    }

    @Override
    public void close() throws IOException {
        if (!ended) {
            ended = true;
            finish();
            def.end();
        }
    }
}
