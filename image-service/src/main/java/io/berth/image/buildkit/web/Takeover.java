package io.berth.image.buildkit.web;

import io.berth.buildkit.transport.Connection;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpUpgradeHandler;
import jakarta.servlet.http.WebConnection;
import java.io.Closeable;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes a request's connection over, when the request has been handled. Public only for Tomcat, which makes it. */
public final class Takeover implements HttpUpgradeHandler {
    private static final Logger LOG = LoggerFactory.getLogger(Takeover.class);

    private @Nullable Conversation conversation;
    private @Nullable Runnable unused;

    /** Made by Tomcat, which wants a public constructor. */
    public Takeover() {}

    /** What happens on the connection. */
    @FunctionalInterface
    interface Conversation {
        /** Returns when it is over. */
        void run(Connection connection) throws IOException, InterruptedException;
    }

    /**
     * Answers that the protocol changes; the last thing to be done with a request.
     *
     * @param unused called when the connection is gone before the conversation has begun
     */
    static void of(HttpServletRequest request, HttpServletResponse response, Conversation conversation, Runnable unused)
            throws IOException {
        response.setHeader("Connection", "Upgrade");
        response.setHeader("Upgrade", "h2c");
        try {
            Takeover takeover = request.upgrade(Takeover.class);
            takeover.conversation = conversation;
            takeover.unused = unused;
        } catch (ServletException | IOException e) {
            unused.run();
            throw new IOException("cannot take the connection over", e);
        }
    }

    @Override
    public void init(WebConnection connection) {
        try (connection) {
            if (conversation != null) {
                Closeable ended = () -> close(connection);
                conversation.run(new Connection(connection.getInputStream(), connection.getOutputStream(), ended));
            }
        } catch (IOException e) {
            LOG.atDebug().setCause(e).log("taken over connection ended");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            LOG.atError().setCause(e).log("taken over connection failed");
        }
    }

    private static void close(WebConnection connection) throws IOException {
        try {
            connection.close();
        } catch (IOException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException("cannot close a connection", e);
        }
    }

    @Override
    public void destroy() {
        if (unused != null) {
            unused.run();
        }
    }
}
