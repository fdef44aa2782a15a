package io.berth.image.build.buildkit;

import io.berth.buildkit.ClientSession;
import io.berth.image.build.BuildInput;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Unix sockets that commands of builds find an SSH agent behind, which is the client's. Each is in a directory of its own below the
 * directory of temporary files, whose path is short enough for a socket, and only root can look into.
 */
@Component
final class AgentSockets {
    private static final Logger LOG = LoggerFactory.getLogger(AgentSockets.class);

    /** Makes a socket that lives until it is closed. */
    BuildInput.AgentSocket open(ClientSession session, String id) throws IOException {
        Path directory = Files.createTempDirectory("berth-agent");
        Path path = directory.resolve("agent.sock");
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            server.bind(UnixDomainSocketAddress.of(path));
            // Until it belongs to whom the mount says.
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
        } catch (IOException e) {
            server.close();
            Files.deleteIfExists(path);
            Files.deleteIfExists(directory);
            throw e;
        }
        Thread _ = Thread.ofVirtual().name("ssh-agent").start(() -> accept(server, session, id));
        return new Socket(server, path);
    }

    private static void accept(ServerSocketChannel server, ClientSession session, String id) {
        try {
            while (true) {
                SocketChannel connection = server.accept();
                Thread _ = Thread.ofVirtual().name("ssh-agent").start(() -> serve(connection, session, id));
            }
        } catch (IOException e) {
            LOG.atDebug().setCause(e).log("ssh agent socket closed");
        }
    }

    private static void serve(SocketChannel connection, ClientSession session, String id) {
        try (connection;
                ClientSession.AgentConnection agent = session.connectSshAgent(id)) {
            Thread answers = Thread.ofVirtual().name("ssh-agent").start(() -> {
                try {
                    copy(agent.input(), Channels.newOutputStream(connection));
                    connection.shutdownOutput();
                } catch (IOException e) {
                    LOG.atDebug().setCause(e).log("ssh agent connection broke off");
                }
            });
            copy(Channels.newInputStream(connection), agent.output());
            agent.output().close();
            answers.join();
        } catch (IOException e) {
            LOG.atDebug().setCause(e).log("ssh agent connection broke off");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void copy(InputStream in, OutputStream out) throws IOException {
        byte[] buffer = new byte[16 * 1024];
        for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
            out.write(buffer, 0, count);
            out.flush();
        }
    }

    private record Socket(
            ServerSocketChannel server, @Override Path path) implements BuildInput.AgentSocket {
        @Override
        public void close() {
            try {
                server.close();
                Files.deleteIfExists(path);
                Files.deleteIfExists(path.getParent());
            } catch (IOException e) {
                LOG.atWarn().setCause(e).log("ssh agent socket not removed");
            }
        }
    }
}
