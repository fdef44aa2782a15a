package io.berth.engine.web;

import io.berth.docker.ApiVersion;
import io.berth.docker.error.InvalidParameter;
import io.berth.unixhttp.ConnectionValve;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpUpgradeHandler;
import jakarta.servlet.http.WebConnection;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a connection over for a two-way stream, in both of Docker's styles: a client that sends {@code Upgrade: tcp} gets
 * 101, any other 200, and then bytes flow both ways until the engine closes the connection.
 */
public final class Hijack {
    private static final Logger LOG = LoggerFactory.getLogger(Hijack.class);
    private static final String RAW = "application/vnd.docker.raw-stream";
    private static final String MULTIPLEXED = "application/vnd.docker.multiplexed-stream";

    /** Of RFC 6455: what a server proves with that it speaks the protocol. */
    private static final String WEBSOCKET_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    private Hijack() {}

    /** What happens on the connection. */
    @FunctionalInterface
    public interface Conversation {
        /** Reads and writes until it is over; the connection is closed afterwards. */
        void run(InputStream in, OutputStream out) throws IOException;
    }

    /** The media type of output: frames have one of their own from API 1.42 on. */
    public static String mediaType(boolean multiplexed, ApiVersion version) {
        return multiplexed && version.atLeast(1, 42) ? MULTIPLEXED : RAW;
    }

    /**
     * Answers and hands the connection over; it is the last thing to be done with the request, whose body must have been
     * read. The conversation runs when the request's handling has returned.
     */
    public static void take(
            HttpServletRequest request, HttpServletResponse response, String mediaType, Conversation conversation)
            throws IOException {
        if (request.getHeader("Upgrade") == null) {
            response.setStatus(HttpServletResponse.SC_OK);
            response.setContentType(mediaType);
            // Without it Tomcat would use chunked encoding; and the headers must be out before the protocol changes.
            response.setHeader("Connection", "close");
            response.flushBuffer();
        } else {
            response.setHeader("Connection", "Upgrade");
            response.setHeader("Upgrade", "tcp");
            setContentTypeOfSwitch(request, mediaType);
        }
        upgrade(request, conversation);
    }

    private static void upgrade(HttpServletRequest request, Conversation conversation) throws IOException {
        try {
            request.upgrade(Handler.class).converse(conversation);
        } catch (ServletException e) {
            throw new IOException("cannot take the connection over", e);
        }
    }

    /**
     * Answers a websocket handshake (RFC 6455) and hands the connection over as byte streams; otherwise as {@link #take}.
     *
     * @param text whether output goes out in text messages instead of binary ones
     * @param closed called when the client closes the connection, by whoever reads
     * @throws InvalidParameter when the request is no handshake
     */
    public static void takeWebSocket(
            HttpServletRequest request,
            HttpServletResponse response,
            boolean text,
            Runnable closed,
            Conversation conversation)
            throws IOException {
        String key = requireWebSocket(request);
        response.setHeader("Connection", "Upgrade");
        response.setHeader("Upgrade", "websocket");
        response.setHeader("Sec-WebSocket-Accept", accept(key));
        upgrade(request, (in, out) -> {
            WebSocketStreams streams = new WebSocketStreams(in, out, text, closed);
            conversation.run(streams.input(), streams.output());
            streams.close();
        });
    }

    /**
     * For whoever must not begin anything for a client that speaks no websocket; returns the client's key.
     *
     * @throws InvalidParameter when the request is no handshake
     */
    public static String requireWebSocket(HttpServletRequest request) {
        @Nullable String key = request.getHeader("Sec-WebSocket-Key");
        if (!"websocket".equalsIgnoreCase(request.getHeader("Upgrade"))
                || key == null
                || !"13".equals(request.getHeader("Sec-WebSocket-Version"))) {
            throw new InvalidParameter("not websocket protocol");
        }
        return key;
    }

    private static String accept(String key) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-1")
                    .digest((key.strip() + WEBSOCKET_GUID).getBytes(StandardCharsets.US_ASCII));
            return Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-1", e);
        }
    }

    /** Tomcat leaves Content-Type out of a 101 unless the header itself is set below the servlet API. */
    private static void setContentTypeOfSwitch(HttpServletRequest request, String mediaType) {
        if (request.getAttribute(ConnectionValve.RESPONSE) instanceof org.apache.coyote.Response coyote) {
            coyote.getMimeHeaders().setValue("Content-Type").setString(mediaType);
        }
    }

    /** Instantiated by Tomcat. */
    public static final class Handler implements HttpUpgradeHandler {
        private @Nullable Conversation conversation;

        /** Made by Tomcat, which wants a public constructor. */
        public Handler() {}

        private void converse(Conversation wanted) {
            conversation = wanted;
        }

        @Override
        public void init(WebConnection connection) {
            try (connection) {
                if (conversation != null) {
                    conversation.run(connection.getInputStream(), connection.getOutputStream());
                }
            } catch (IOException e) {
                LOG.atDebug().setCause(e).log("hijacked connection ended");
            } catch (Exception e) {
                LOG.atError().setCause(e).log("hijacked connection failed");
            }
        }

        @Override
        public void destroy() {
            // The conversation ends by itself.
        }
    }
}
