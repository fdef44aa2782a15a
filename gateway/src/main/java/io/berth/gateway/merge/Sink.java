package io.berth.gateway.merge;

import java.io.IOException;

/** Takes a response that is written line by line; each call reaches the client at once. Used by one thread. */
public interface Sink {
    /** Begins the response. */
    void begin(int status, String contentType) throws IOException;

    /** Writes a line, which is given without its end. */
    void line(String text) throws IOException;

    /** Whether the client has gone. */
    boolean gone();
}
