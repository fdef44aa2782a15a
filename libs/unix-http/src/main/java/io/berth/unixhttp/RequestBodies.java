package io.berth.unixhttp;

import io.berth.json.Bounds;
import io.berth.json.Room;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Reads documents that arrive as bodies of requests, whole, within the memory that all of them together may take. What a request
 * has taken is given back when it has been answered. Thread-safe.
 */
public final class RequestBodies implements Filter {
    private static final String TAKEN = RequestBodies.class.getName();
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    /** Up to here a body is not counted: connections are, and take as much. */
    private static final int SMALL = 64 * 1024;

    private static final int PIECE = 64 * 1024;

    /** Why a body was not read. */
    public enum Refusal {
        TOO_LARGE,
        NO_ROOM
    }

    /** A body that was not read. */
    public static final class Refused extends Exception {
        private static final long serialVersionUID = 1L;

        private final Refusal refusal;

        Refused(Refusal refusal) {
            super(refusal.name(), null, false, false);
            this.refusal = refusal;
        }

        public Refusal refusal() {
            return refusal;
        }
    }

    private static final class Taken {
        private long read;
        private long judged;
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        try {
            chain.doFilter(request, response);
        } finally {
            if (request.getAttribute(TAKEN) instanceof Taken taken) {
                request.removeAttribute(TAKEN);
                Room.read().giveBack(taken.read);
                Room.judged().giveBack(taken.judged);
            }
        }
    }

    /**
     * Reads a body that is going to be parsed.
     *
     * @param limit in bytes
     * @throws Refused when there are more, or no room for them at present
     */
    public static byte[] read(ServletRequest request, int limit) throws IOException, Refused {
        if (request.getContentLengthLong() > limit) {
            throw new Refused(Refusal.TOO_LARGE);
        }
        ServletInputStream in = request.getInputStream();
        byte[] first = in.readNBytes(SMALL);
        if (first.length < SMALL) {
            return first;
        }
        Taken taken = taken(request);
        ByteArrayOutputStream body = new ByteArrayOutputStream(2 * SMALL);
        body.writeBytes(first);
        for (byte[] piece = in.readNBytes(PIECE); piece.length > 0; piece = in.readNBytes(PIECE)) {
            if (body.size() + piece.length > limit) {
                throw new Refused(Refusal.TOO_LARGE);
            }
            if (!Room.read().await(piece.length, PATIENCE)) {
                throw new Refused(Refusal.NO_ROOM);
            }
            taken.read += piece.length;
            body.writeBytes(piece);
        }
        long memory = Bounds.REQUEST.memory(body.size());
        if (!Room.judged().await(memory, PATIENCE)) {
            throw new Refused(Refusal.NO_ROOM);
        }
        taken.judged += memory;
        return body.toByteArray();
    }

    private static Taken taken(ServletRequest request) {
        @Nullable Object before = request.getAttribute(TAKEN);
        if (before instanceof Taken taken) {
            return taken;
        }
        Taken taken = new Taken();
        request.setAttribute(TAKEN, taken);
        return taken;
    }
}
