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
import org.springframework.boot.tomcat.TomcatConnectorCustomizer;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;

/**
 * Makes Tomcat listen on a Unix socket (mode 0600) instead of a TCP port, and where that is asked for on a port of the loopback
 * address besides.
 *
 * <p>A socket file left by a killed process would make the bind fail, so it is removed first; a lock on
 * {@code <socket>.lock}, held for the life of the process, makes sure that it is no living process's.
 */
final class UnixSocketConnector implements WebServerFactoryCustomizer<TomcatServletWebServerFactory> {
    private static final String KEEP_ALIVE_MILLIS = "600000";
    /** Each connection has a buffer of that size while it is served, thousands of followed logs among them. */
    private static final String MAX_HEAD_BYTES = "32768";

    private final Path socket;
    private final int port;
    private @Nullable FileLock lock;

    /** @param port of the loopback address; 0 for none */
    UnixSocketConnector(Path socket, int port) {
        this.socket = socket;
        this.port = port;
    }

    @Override
    public void customize(TomcatServletWebServerFactory factory) {
        // Not a TCP port, but Boot takes 0 as «any» and then reports the connector's own address.
        factory.setPort(0);
        factory.setProtocol(UnixHttpProtocol.class.getName());
        TomcatConnectorCustomizer unix = this::listenOnSocket;
        factory.addConnectorCustomizers(unix);
        if (port != 0) {
            // When the first connector is customised, all that customise it are known.
            Second second = first -> factory.addAdditionalConnectors(onLoopback(factory, unix));
            factory.addConnectorCustomizers(second);
        }
    }

    private Connector onLoopback(TomcatServletWebServerFactory factory, TomcatConnectorCustomizer unix) {
        Connector connector = new Connector(UnixHttpProtocol.class.getName());
        connector.setPort(port);
        connector.setProperty("address", "127.0.0.1");
        factory.getConnectorCustomizers().stream()
                .filter(customizer -> customizer != unix && !(customizer instanceof Second))
                .forEach(customizer -> customizer.customize(connector));
        forTheGateway(connector); // last, as for the socket: Spring Boot would have a connection end after 100 requests
        return connector;
    }

    private void listenOnSocket(Connector connector) {
        takeOver();
        connector.setProperty("unixDomainSocketPath", socket.toString());
        connector.setProperty("unixDomainSocketPathPermissions", "rw-------");
        forTheGateway(connector);
    }

    /** Adds the second connector, and must not be asked to customise it. */
    private interface Second extends TomcatConnectorCustomizer {}

    private static void forTheGateway(Connector connector) {
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
