package io.berth.linux.socket;

import static io.berth.linux.nftables.NetworkCommands.sh;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.kernel.KernelTest;
import io.berth.linux.Errno;
import io.berth.linux.SyscallException;
import io.berth.linux.fd.Fd;
import io.berth.linux.namespace.Namespace;
import io.berth.linux.namespace.Namespaces;
import io.berth.linux.socket.PortReservation.Protocol;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@KernelTest
class PortReservationKernelTest {
    private static final InetAddress ANY = InetAddress.ofLiteral("0.0.0.0");
    private static final InetAddress ANY6 = InetAddress.ofLiteral("::");
    private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");
    private static final int PORT = 8080;

    private Fd namespace;

    /** The JDK opens a descriptor when it first closes a socket, and keeps it. */
    @BeforeAll
    static void closeASocket() throws IOException {
        new ServerSocket().close();
        new ServerSocket(0, 1, LOOPBACK).close();
    }

    @BeforeEach
    void makeNamespace() {
        namespace = Namespaces.create(Namespace.NETWORK);
        sh(namespace, "ip link set lo up");
    }

    @AfterEach
    void dropNamespace() {
        namespace.close();
    }

    private PortReservation bind(Protocol protocol, InetAddress address, int port) {
        return Namespaces.callIn(namespace, Namespace.NETWORK, () -> PortReservation.bind(protocol, address, port));
    }

    private ServerSocket listen(InetAddress address) {
        return Namespaces.callIn(namespace, Namespace.NETWORK, () -> {
            ServerSocket server = new ServerSocket();
            server.setReuseAddress(true);
            try {
                server.bind(new InetSocketAddress(address, PORT));
                return server;
            } catch (IOException e) {
                server.close();
                throw e;
            }
        });
    }

    private static void assertRefused(ThrowingCallable call, int errno) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        SyscallException.class, e -> assertThat(e.errno()).isEqualTo(errno));
    }

    @ParameterizedTest
    @EnumSource(names = {"TCP", "UDP"})
    void excludesAnother(Protocol protocol) {
        try (PortReservation first = bind(protocol, ANY, PORT)) {
            assertThat(first.port()).isEqualTo(PORT);
            assertRefused(() -> bind(protocol, ANY, PORT), Errno.EADDRINUSE);
            assertRefused(() -> bind(protocol, LOOPBACK, PORT), Errno.EADDRINUSE);
            bind(protocol, ANY, PORT + 1).close();
            bind(protocol, ANY6, PORT).close();
        }
        bind(protocol, LOOPBACK, PORT).close();
    }

    @ParameterizedTest
    @EnumSource(names = {"TCP", "UDP"})
    void findsAFreePort(Protocol protocol) {
        try (PortReservation any = bind(protocol, ANY6, 0)) {
            assertThat(any.port()).isPositive();
            assertRefused(() -> bind(protocol, ANY6, any.port()), Errno.EADDRINUSE);
        }
    }

    @Test
    void excludesServersAndIsExcludedByThem() throws IOException {
        try (PortReservation reserved = bind(Protocol.TCP, LOOPBACK, PORT)) {
            assertThat(reserved.port()).isEqualTo(PORT);
            assertThatThrownBy(() -> listen(ANY)).hasMessageContaining("Address already in use");
        }
        try (ServerSocket server = listen(ANY)) {
            assertThat(server.isBound()).isTrue();
            assertRefused(() -> bind(Protocol.TCP, LOOPBACK, PORT), Errno.EADDRINUSE);
        }
    }

    @Test
    void saysWhenTheHostHasNoSuchAddress() {
        assertRefused(() -> bind(Protocol.TCP, InetAddress.ofLiteral("192.0.2.1"), PORT), Errno.EADDRNOTAVAIL);
    }

    /** The side that closes first keeps the connection in TIME_WAIT for a minute: here the server. */
    @Test
    void isNotExcludedByConnectionsThatAServerLeftBehind() throws Exception {
        try (ServerSocket server = listen(LOOPBACK)) {
            Socket client = Namespaces.callIn(namespace, Namespace.NETWORK, () -> new Socket(LOOPBACK, PORT));
            server.accept().close();
            assertThat(client.getInputStream().read()).isNegative();
            client.close();
        }
        assertThat(sh(namespace, "ss -Htan state time-wait")).contains(":" + PORT);
        try (PortReservation reserved = bind(Protocol.TCP, ANY, PORT)) {
            assertThat(reserved.port()).isEqualTo(PORT);
            assertRefused(() -> bind(Protocol.TCP, ANY, PORT), Errno.EADDRINUSE);
            assertRefused(() -> bind(Protocol.TCP, LOOPBACK, PORT), Errno.EADDRINUSE);
            assertThatThrownBy(() -> listen(ANY)).hasMessageContaining("Address already in use");
        }
        listen(ANY).close();
    }

    @Test
    void sctpIsReservedWhereTheKernelHasIt() {
        try (PortReservation reserved = bind(Protocol.SCTP, ANY, PORT)) {
            assertRefused(() -> bind(Protocol.SCTP, ANY, reserved.port()), Errno.EADDRINUSE);
        } catch (SyscallException e) {
            assertThat(e.call()).isEqualTo("socket");
            assertThat(Errno.name(e.errno())).isIn("EPROTONOSUPPORT", "ESOCKTNOSUPPORT");
        }
    }
}
