package io.berth.gateway.merge.web;

import io.berth.gateway.merge.Sink;
import io.berth.unixhttp.ClientPresence;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Streams lines to the client of a servlet request, in the way that the content type says. One thread's. */
final class ServletSink implements Sink {
    private static final int RECORD_SEPARATOR = 0x1e;

    private final HttpServletResponse response;
    private final ClientPresence client;
    private boolean sequence;

    ServletSink(HttpServletRequest request, HttpServletResponse response) {
        this.response = response;
        this.client = ClientPresence.of(request);
    }

    @Override
    public void begin(int status, String contentType) throws IOException {
        sequence = contentType.startsWith("application/json-seq");
        response.setStatus(status);
        response.setContentType(contentType);
        response.flushBuffer();
    }

    @Override
    public void line(String text) throws IOException {
        if (sequence) {
            response.getOutputStream().write(RECORD_SEPARATOR);
        }
        response.getOutputStream().write((text + '\n').getBytes(StandardCharsets.UTF_8));
        response.flushBuffer();
    }

    @Override
    public boolean gone() {
        return client.gone();
    }
}
