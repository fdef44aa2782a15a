package io.berth.engine.log;

import io.berth.linux.SyscallException;
import io.berth.linux.socket.UnixDatagramSocket;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/** A way to syslog. Closing it ends a write that is under way. */
interface SyslogConnection extends AutoCloseable {
    List<Path> LOCAL = List.of(Path.of("/dev/log"), Path.of("/var/run/syslog"), Path.of("/var/run/log"));

    int CONNECT_MILLIS = 10_000;

    void send(byte[] message) throws IOException;

    @Override
    void close() throws IOException;

    /**
     * Connects.
     *
     * @param tls with protocol {@code tcp+tls}
     */
    static SyslogConnection open(SyslogAddress address, @Nullable SSLContext tls) throws IOException {
        return switch (address.protocol()) {
            case "" -> local();
            case "unixgram" -> datagram(Path.of(address.path()));
            case "unix" -> stream(Path.of(address.path()));
            case "udp" -> udp(address);
            default -> tcp(address, tls);
        };
    }

    private static SyslogConnection local() throws IOException {
        IOException failures = new IOException("Unix syslog delivery error");
        for (Path path : LOCAL) {
            try {
                return datagram(path);
            } catch (IOException e) {
                failures.addSuppressed(e);
            }
            try {
                return stream(path);
            } catch (IOException e) {
                failures.addSuppressed(e);
            }
        }
        throw failures;
    }

    private static SyslogConnection datagram(Path path) throws IOException {
        UnixDatagramSocket socket;
        try {
            socket = UnixDatagramSocket.connect(path);
        } catch (SyscallException e) {
            throw new IOException("dial unixgram " + path + ": " + e.getMessage(), e);
        }
        return new SyslogConnection() {
            @Override
            public void send(byte[] message) throws IOException {
                try {
                    socket.send(message);
                } catch (SyscallException e) {
                    throw new IOException(e);
                }
            }

            @Override
            public void close() {
                socket.close();
            }
        };
    }

    private static SyslogConnection stream(Path path) throws IOException {
        try {
            return channel(SocketChannel.open(UnixDomainSocketAddress.of(path)));
        } catch (IOException e) {
            throw new IOException("dial unix " + path + ": " + e.getMessage(), e);
        }
    }

    private static SyslogConnection channel(SocketChannel channel) {
        return new SyslogConnection() {
            @Override
            public void send(byte[] message) throws IOException {
                ByteBuffer buffer = ByteBuffer.wrap(message);
                while (buffer.hasRemaining()) {
                    channel.write(buffer);
                }
            }

            @Override
            public void close() throws IOException {
                channel.close();
            }
        };
    }

    private static SyslogConnection udp(SyslogAddress address) throws IOException {
        DatagramChannel channel = DatagramChannel.open();
        try {
            channel.connect(new InetSocketAddress(address.host(), address.port()));
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw new IOException("dial udp " + address.host() + ":" + address.port() + ": " + e.getMessage(), e);
        }
        return new SyslogConnection() {
            @Override
            public void send(byte[] message) throws IOException {
                channel.write(ByteBuffer.wrap(message));
            }

            @Override
            public void close() throws IOException {
                channel.close();
            }
        };
    }

    private static SyslogConnection tcp(SyslogAddress address, @Nullable SSLContext tls) throws IOException {
        Socket plain = new Socket();
        Socket socket = plain;
        try {
            plain.connect(new InetSocketAddress(address.host(), address.port()), CONNECT_MILLIS);
            if (tls != null) {
                socket = tls.getSocketFactory().createSocket(plain, address.host(), address.port(), true);
                plain.setSoTimeout(CONNECT_MILLIS);
                ((SSLSocket) socket).startHandshake();
            }
        } catch (IOException | RuntimeException e) {
            plain.close();
            throw new IOException("dial tcp " + address.host() + ":" + address.port() + ": " + e.getMessage(), e);
        }
        Socket connected = socket;
        return new SyslogConnection() {
            @Override
            public void send(byte[] message) throws IOException {
                connected.getOutputStream().write(message);
            }

            @Override
            public void close() throws IOException {
                plain.close();
            }
        };
    }
}
