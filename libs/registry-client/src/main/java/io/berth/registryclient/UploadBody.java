package io.berth.registryclient;

import java.io.IOException;
import java.io.InputStream;

/** Bytes to send, which can be opened again for another attempt. */
@FunctionalInterface
public interface UploadBody {
    /**
     * The bytes from the start; the client closes the stream.
     *
     * @throws IOException when they cannot be read
     */
    InputStream open() throws IOException;

    /** Told how far an upload has come. */
    @FunctionalInterface
    interface Progress {
        /**
         * Called by the thread that sends.
         *
         * @param sent bytes sent so far, counted from the start of the whole; goes back when a part is sent again
         * @throws IOException to end the upload
         */
        void sent(long sent) throws IOException;
    }
}
