package io.berth.unixhttp;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.apache.catalina.connector.Connector;
import org.apache.tomcat.util.threads.VirtualThreadExecutor;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;

/**
 * Makes Tomcat listen on a Unix socket (mode 0600) instead of a TCP port.
 *
 * <p>A socket file left by a killed process would make the bind fail, so it is removed first; a lock on
 * {@code <socket>.lock}, held for the life of the process, makes sure that it is no living process's.
 */
final class UnixSocketConnector implements WebServerFactoryCustomizer<TomcatServletWebServerFactory> {
    private static final String KEEP_ALIVE_MILLIS = "600000";
    private static final String MAX_HEAD_BYTES = "65536";

    private final Path socket;
    private @Nullable FileLock lock;

    UnixSocketConnector(Path socket) {
        this.socket = socket;
    }

    @Override
    public void customize(TomcatServletWebServerFactory factory) {
        // Not a TCP port, but Boot takes 0 as «any» and then reports the connector's own address.
        factory.setPort(0);
        factory.setProtocol(UnixHttpProtocol.class.getName());
        factory.addConnectorCustomizers(this::listenOnSocket);
    }

    private void listenOnSocket(Connector connector) {
        takeOver();
        connector.setProperty("unixDomainSocketPath", socket.toString());
        connector.setProperty("unixDomainSocketPathPermissions", "rw-------");
        // The gateway keeps its connections, closes idle ones itself, and has already limited the head it forwards.
        connector.setProperty("maxKeepAliveRequests", "-1");
        connector.setProperty("keepAliveTimeout", KEEP_ALIVE_MILLIS);
        connector.setProperty("maxHttpRequestHeaderSize", MAX_HEAD_BYTES);
        connector.getProtocolHandler().setExecutor(new VirtualThreadExecutor("http-"));
    }

    private synchronized void takeOver() {
        if (lock != null) {
            return;
        }
        try {
            Files.createDirectories(socket.toAbsolutePath().getParent());
            FileChannel channel = FileChannel.open(
                    socket.resolveSibling(socket.getFileName() + ".lock"),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE);
            FileLock taken = tryLock(channel);
            if (taken == null) {
                channel.close();
                throw new IllegalStateException(
                        "another process listens on " + socket + ": choose another run directory or stop it first");
            }
            lock = taken;
            Files.deleteIfExists(socket);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot prepare the socket " + socket, e);
        }
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }
}
