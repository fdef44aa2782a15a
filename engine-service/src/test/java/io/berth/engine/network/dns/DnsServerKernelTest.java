package io.berth.engine.network.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.engine.network.dns.Messages.Answer;
import io.berth.kernel.KernelTest;
import io.berth.kernel.OpenDescriptors;
import io.berth.linux.namespace.Namespace;
import io.berth.linux.namespace.Namespaces;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A container's name server as programs in the container's network namespace find it. */
@KernelTest
@Timeout(120)
class DnsServerKernelTest {
    /** A quarter of the usual ones. */
    private static final Shared.Times SHORT =
            new Shared.Times(Duration.ofMillis(2500), Duration.ofSeconds(1), Duration.ofMillis(1250));

    private TestContainer container;
    private DnsServer server;
    private DnsSockets sockets;
    private TestView view;

    /** The JDK keeps a socket of its own from the first channel on. */
    @BeforeAll
    static void open() throws IOException {
        SocketChannel.open().close();
    }

    @BeforeEach
    void serve() throws Exception {
        container = TestContainer.create();
        server = new DnsServer();
        sockets = server.open(container.namespace());
        view = new TestView(container.namespace())
                .with("web", "172.20.0.2", "172.20.0.3", "fd00::2")
                .with("db", "172.20.0.9")
                .named("172.20.0.9", "db.backend")
                .named("fd00::2", "web.backend");
        server.serve(sockets, view);
    }

    @AfterEach
    void end() {
        sockets.close();
        server.close();
        container.close();
    }

    private Answer ask(String name, int type) throws Exception {
        return Messages.read(container.exchange(Messages.query(4711, name, type)));
    }

    private static ByteBuffer exchange(Socket connection, ByteBuffer query) throws Exception {
        send(connection, query);
        return receive(connection);
    }

    private static void send(Socket connection, ByteBuffer query) throws Exception {
        ByteBuffer framed = ByteBuffer.allocate(query.limit() + 2);
        framed.putShort((short) query.limit()).put(query.duplicate());
        connection.getOutputStream().write(framed.array());
    }

    private static ByteBuffer receive(Socket connection) throws Exception {
        var in = new DataInputStream(connection.getInputStream());
        byte[] response = new byte[in.readUnsignedShort()];
        in.readFully(response);
        return ByteBuffer.wrap(response);
    }

    @Test
    void answersDig(@TempDir Path directory) throws Exception {
        assertThat(container.dig("+short", "db")).isEqualTo("172.20.0.9\n");
        assertThat(container.dig("+short", "+tcp", "Web", "AAAA")).isEqualTo("fd00::2\n");
        assertThat(container.dig("+short", "-x", "172.20.0.9")).isEqualTo("db.backend.\n");
        assertThat(container.dig("+short", "-x", "fd00::2", "+tcp")).isEqualTo("web.backend.\n");
        assertThat(container.dig("db", "AAAA"))
                .contains("status: NOERROR", "flags: qr rd ra; QUERY: 1, ANSWER: 0", "EDNS: version: 0")
                .doesNotContain("WARNING");
        assertThat(container.dig("db"))
                .contains("db.\t\t\t600\tIN\tA\t172.20.0.9")
                .doesNotContain("WARNING");
        assertThat(container.dig("+edns=1", "+noednsneg", "db")).contains("status: BADVERS");
        assertThat(container.dig("+opcode=UPDATE", "db")).contains("status: NOTIMP");
        assertThat(container.dig("elsewhere.example")).contains("status: SERVFAIL");
        assertThat(container.dig("failing")).contains("status: SERVFAIL");

        // getaddrinfo looks for families that the container has addresses of, other than loopback's.
        container.run("ip", "addr", "add", "172.20.0.7/24", "dev", "lo");
        Path conf = Files.writeString(directory.resolve("resolv.conf"), "nameserver 127.0.0.11\noptions ndots:0\n");
        String getent = "mount --bind " + conf + " /etc/resolv.conf && getent -s hosts:dns ahostsv4 ";
        assertThat(container.run("unshare", "--mount", "sh", "-c", getent + "web"))
                .contains("172.20.0.2 ", "172.20.0.3 ");
    }

    @Test
    void spreadsClientsOverAddresses() throws Exception {
        Set<String> first = new HashSet<>();
        for (int i = 0; i < 200 && first.size() < 2; i++) {
            Answer answer = ask("web", Messages.A);
            assertThat(answer.records()).containsExactlyInAnyOrder("172.20.0.2", "172.20.0.3");
            first.add(answer.records().getFirst());
        }
        assertThat(first).hasSize(2);
    }

    @Test
    void forwardsBytesUnchangedButForTheId() throws Exception {
        try (TestServer upstream = TestServer.start(
                container.namespace(), "127.0.0.53", (query, _) -> List.of(TestServer.address(query, 10, 1, 1, 1)))) {
            view.asks(Upstream.Side.CONTAINER, "127.0.0.53");
            ByteBuffer query = Messages.query(4711, "eXample.Org", Messages.A, 1400);
            ByteBuffer answer = container.exchange(query);
            ByteBuffer asked = upstream.datagramsReceived().getFirst();
            assertThat(asked.slice(2, asked.limit() - 2)).isEqualTo(query.slice(2, query.limit() - 2));
            ByteBuffer expected = TestServer.address(query, 10, 1, 1, 1);
            assertThat(answer).isEqualTo(expected);

            try (Socket connection = container.connection()) {
                assertThat(exchange(connection, query)).isEqualTo(expected);
            }
            assertThat(upstream.datagramsReceived()).hasSize(1);
            assertThat(upstream.streamed().getFirst().slice(2, query.limit() - 2))
                    .isEqualTo(query.slice(2, query.limit() - 2));
            assertThat(container.dig("+short", "example.org")).isEqualTo("10.1.1.1\n");
        }
    }

    @Test
    void truncatedAnswersPassAndClientsComeBackByTcp() throws Exception {
        try (TestServer upstream = TestServer.start(
                container.namespace(),
                "127.0.0.53",
                (query, stream) ->
                        List.of(stream ? TestServer.address(query, 10, 1, 1, 1) : TestServer.flags(query, 0x8380)))) {
            view.asks(Upstream.Side.CONTAINER, "127.0.0.53");
            assertThat(ask("example.org", Messages.A).truncated()).isTrue();
            assertThat(container.dig("+short", "example.org")).isEqualTo("10.1.1.1\n");
            assertThat(upstream.streamed()).hasSize(1);
        }
        view.with("crowd", crowd(1000));
        assertThat(container.dig("+short", "crowd").lines()).as("by TCP").hasSize(1000);
        view.with("masses", crowd(5000));
        Answer masses = Messages.read(container.exchange(Messages.query(1, "masses", Messages.A, 65535)));
        assertThat(masses.truncated()).isTrue();
        assertThat(masses.records()).hasSizeGreaterThan(4000);
        assertThat(container.dig("+ignore", "crowd")).contains("flags: qr tc rd ra;");
    }

    private static String[] crowd(int size) {
        String[] addresses = new String[size];
        for (int i = 0; i < size; i++) {
            addresses[i] = "10.0." + i / 256 + "." + i % 256;
        }
        return addresses;
    }

    @Test
    void asksTheNextServerAfterSilenceRefusalOrFailure() throws Exception {
        try (TestServer silent = TestServer.start(container.namespace(), "127.0.0.51", (_, _) -> List.of());
                TestServer refusing = TestServer.start(
                        container.namespace(), "127.0.0.52", (query, _) -> List.of(TestServer.flags(query, 0x8185)));
                TestServer knowing = TestServer.start(
                        container.namespace(),
                        "127.0.0.53",
                        (query, _) -> List.of(TestServer.address(query, 10, 1, 1, 1)))) {
            view.asks(Upstream.Side.CONTAINER, "127.0.0.52", "127.0.0.50", "127.0.0.53");
            for (int i = 0; i < 3; i++) {
                assertThat(ask("example.org", Messages.A).records())
                        .as("50 is a closed port")
                        .hasSize(1);
            }
            try (Socket connection = container.connection()) {
                assertThat(Messages.read(exchange(connection, Messages.query(1, "example.org", 1)))
                                .records())
                        .hasSize(1);
            }
            assertThat(refusing.datagramsReceived()).hasSize(3);
            view.asks(Upstream.Side.CONTAINER, "127.0.0.51", "127.0.0.53");
            long begin = System.nanoTime();
            assertThat(ask("example.org", Messages.A).records()).hasSize(1);
            assertThat(System.nanoTime() - begin).isBetween(3_900_000_000L, 15_000_000_000L);
            assertThat(silent.datagramsReceived()).hasSize(1);
            assertThat(knowing.datagramsReceived()).hasSize(4);
            view.asks(Upstream.Side.CONTAINER, "127.0.0.52");
            assertThat(ask("example.org", Messages.A).rcode()).isEqualTo(2);
            view.asks(Upstream.Side.CONTAINER, "127.0.0.11");
            assertThat(ask("example.org", Messages.A).rcode())
                    .as("does not ask itself")
                    .isEqualTo(2);
        }
    }

    @Test
    void takesTheAnswerToTheQuestionOnly() throws Exception {
        TestServer.Behaviour misleading = (query, _) -> {
            ByteBuffer otherId = TestServer.address(query, 6, 6, 6, 6);
            otherId.putShort(0, (short) (otherId.getShort(0) + 1));
            ByteBuffer otherName = TestServer.address(query, 6, 6, 6, 6).put(13, (byte) 'x');
            ByteBuffer noResponse = TestServer.address(query, 6, 6, 6, 6).putShort(2, (short) 0x100);
            ByteBuffer noQuestion = TestServer.address(query, 6, 6, 6, 6).putShort(4, (short) 0);
            return List.of(
                    otherId,
                    otherName,
                    noResponse,
                    noQuestion,
                    ByteBuffer.allocate(5),
                    ByteBuffer.allocate(0),
                    TestServer.address(query, 10, 1, 1, 1));
        };
        try (TestServer _ = TestServer.start(container.namespace(), "127.0.0.53", misleading)) {
            view.asks(Upstream.Side.CONTAINER, "127.0.0.53");
            assertThat(ask("example.org", Messages.A).records()).containsExactly("10.1.1.1");
            try (Socket connection = container.connection()) {
                assertThat(Messages.read(exchange(connection, Messages.query(1, "example.org", Messages.A)))
                                .rcode())
                        .as("of a stream the first answer counts, which has another id")
                        .isEqualTo(2);
            }
        }
    }

    @Test
    void idsAndPortsDiffer() throws Exception {
        try (TestServer upstream = TestServer.start(
                container.namespace(), "127.0.0.53", (query, _) -> List.of(TestServer.address(query, 10, 1, 1, 1)))) {
            view.asks(Upstream.Side.CONTAINER, "127.0.0.53");
            for (int i = 0; i < 600; i++) {
                assertThat(ask("example.org", Messages.A).records()).hasSize(1);
            }
            Set<Integer> ids = new HashSet<>();
            upstream.datagramsReceived().forEach(query -> ids.add(Wire.u16(query, 0)));
            assertThat(ids).hasSizeGreaterThan(550);
            assertThat(new HashSet<>(upstream.portsSeen())).hasSizeBetween(4, 10);
        }
    }

    @Test
    void asksTheHostsLoopbackFromTheHostsSide() throws Exception {
        try (TestContainer host = TestContainer.create();
                TestServer upstream = TestServer.start(
                        host.namespace(), "127.0.0.53", (query, _) -> List.of(TestServer.address(query, 10, 1, 1, 1)));
                DnsServer there = Namespaces.callIn(host.namespace(), Namespace.NETWORK, DnsServer::new);
                TestContainer other = TestContainer.create();
                DnsSockets its = there.open(other.namespace())) {
            there.serve(its, new TestView(other.namespace()).asks(Upstream.Side.HOST, "127.0.0.53"));
            assertThat(other.dig("+short", "example.org")).isEqualTo("10.1.1.1\n");
            assertThat(other.dig("+short", "+tcp", "example.org")).isEqualTo("10.1.1.1\n");
            assertThat(upstream.datagramsReceived()).hasSize(1);
            assertThat(upstream.streamed()).hasSize(1);
        }
    }

    @Test
    void nothingLeavesAnInternalNetwork() throws Exception {
        // What IPv6 says by itself about a new link must not count.
        container.run("sysctl", "-qw", "net.ipv6.conf.default.disable_ipv6=1");
        try (TestContainer outside = TestContainer.create();
                TestServer upstream = TestServer.start(container.namespace(), "127.0.0.53", (_, _) -> List.of())) {
            container.run("ip", "link", "add", "out", "type", "veth", "peer", "name", "in", "netns", outside.path());
            container.run("ip", "addr", "add", "10.9.9.1/24", "dev", "out");
            container.run("ip", "link", "set", "out", "up");
            outside.run("ip", "link", "set", "in", "up");
            view.asks(Upstream.Side.CONTAINER, "10.9.9.53", "127.0.0.53").internal(true);
            long loopback = container.sentThrough("lo");
            long link = container.sentThrough("out");
            int names = 0;
            for (String name : List.of("secret.example.org", "single", "2.0.0.10.in-addr.arpa")) {
                for (int type : List.of(Messages.A, Messages.AAAA, Messages.PTR, Messages.TXT)) {
                    assertThat(ask(name, type).rcode()).isEqualTo(2);
                    names++;
                }
            }
            assertThat(container.sentThrough("out")).isEqualTo(link);
            assertThat(container.sentThrough("lo"))
                    .as("questions and their answers")
                    .isEqualTo(loopback + 2L * names);
            try (Socket connection = container.connection()) {
                assertThat(Messages.read(exchange(connection, Messages.query(1, "secret.example.org", 1)))
                                .rcode())
                        .isEqualTo(2);
            }
            assertThat(upstream.datagramsReceived()).isEmpty();
            assertThat(upstream.streamed()).isEmpty();

            view.internal(false);
            try (DatagramChannel client = container.client()) {
                client.write(Messages.query(1, "public.example.org", Messages.A));
                await(() -> container.sentThrough("out") > link);
            }
        }
    }

    @Test
    void aQuestionOnItsWayStaysInWhenTheNetworksBecomeInternal() throws Exception {
        try (TestServer refusing = TestServer.start(container.namespace(), "127.0.0.52", (query, _) -> {
                    view.internal(true);
                    return List.of(TestServer.flags(query, 0x8185));
                });
                TestServer next = TestServer.start(container.namespace(), "127.0.0.53", (_, _) -> List.of())) {
            view.asks(Upstream.Side.CONTAINER, "127.0.0.52", "127.0.0.53");
            assertThat(ask("example.org", Messages.A).rcode()).isEqualTo(2);
            assertThat(refusing.datagramsReceived()).hasSize(1);
            assertThat(next.datagramsReceived()).isEmpty();
        }
    }

    private ServerSocket silent(String address) {
        return Namespaces.callIn(
                container.namespace(),
                Namespace.NETWORK,
                () -> new ServerSocket(53, 50, InetAddress.ofLiteral(address)));
    }

    @Test
    void aConnectionStaysForAsLongAsServersMayTake() throws Exception {
        try (ServerSocket _ = silent("127.0.0.51");
                ServerSocket _ = silent("127.0.0.52");
                ServerSocket _ = silent("127.0.0.53");
                DnsServer impatient = new DnsServer(SHORT);
                DnsSockets its = impatient.open(container.namespace());
                Socket connection = container.connection()) {
            impatient.serve(its, view.asks(Upstream.Side.CONTAINER, "127.0.0.51", "127.0.0.52", "127.0.0.53"));
            assertThat(Messages.read(exchange(connection, Messages.query(1, "example.org", Messages.A)))
                            .rcode())
                    .as("after a second for each, longer than a connection may be silent")
                    .isEqualTo(2);
        }
    }

    private interface Condition {
        boolean holds() throws Exception;
    }

    private static void await(Condition condition) throws Exception {
        for (long deadline = System.nanoTime() + 20_000_000_000L; !condition.holds(); ) {
            assertThat(System.nanoTime()).as("deadline").isLessThan(deadline);
            Thread.sleep(10);
        }
    }

    @Test
    void namesWithoutADomainAreKeptWhereTheResolverHasBeenToldSo() throws Exception {
        try (TestServer upstream = TestServer.start(
                container.namespace(), "127.0.0.53", (query, _) -> List.of(TestServer.flags(query, 0x8183)))) {
            view.asks(Upstream.Side.CONTAINER, "127.0.0.53").keepsSingleLabels();
            assertThat(ask("unknown", Messages.A)).isEqualTo(new Answer(4711, 0x8180, List.of(), false));
            assertThat(upstream.datagramsReceived()).isEmpty();
            assertThat(ask("unknown.example", Messages.A).rcode())
                    .as("NXDOMAIN passes")
                    .isEqualTo(3);
        }
    }

    @Test
    void aContainerCanListenOnPort53Itself() throws Exception {
        container.run("ip", "addr", "add", "10.9.9.1/32", "dev", "lo");
        try (DatagramSocket udp =
                        Namespaces.callIn(container.namespace(), Namespace.NETWORK, () -> new DatagramSocket(53));
                ServerSocket tcp =
                        Namespaces.callIn(container.namespace(), Namespace.NETWORK, () -> new ServerSocket(53))) {
            assertThat(container.dig("+short", "db")).isEqualTo("172.20.0.9\n");
            assertThat(container.dig("+short", "+tcp", "db")).isEqualTo("172.20.0.9\n");
            try (DatagramSocket client =
                            Namespaces.callIn(container.namespace(), Namespace.NETWORK, () -> new DatagramSocket());
                    Socket connection = Namespaces.callIn(
                            container.namespace(), Namespace.NETWORK, () -> new Socket("10.9.9.1", 53))) {
                client.send(new DatagramPacket(new byte[] {1}, 1, InetAddress.ofLiteral("10.9.9.1"), 53));
                udp.setSoTimeout(20_000);
                var received = new DatagramPacket(new byte[2], 2);
                udp.receive(received);
                assertThat(received.getLength()).isOne();
                tcp.accept().close();
                assertThat(connection.getInputStream().read()).isEqualTo(-1);
            }
        }
    }

    @Test
    void closingLetsGoOfTheNamespace() throws Exception {
        try (TestContainer outside = TestContainer.create();
                TestServer upstream = TestServer.start(
                        outside.namespace(), "127.0.0.53", (query, _) -> List.of(TestServer.flags(query, 0x8180)))) {
            TestContainer inside = TestContainer.create();
            outside.run("ip", "link", "add", "v0", "type", "veth", "peer", "name", "v1", "netns", inside.path());
            DnsSockets its = server.open(inside.namespace());
            server.serve(its, new TestView(inside.namespace()).with("db", "172.20.0.9"));
            assertThat(inside.dig("+short", "db")).isEqualTo("172.20.0.9\n");
            try (Socket connection = inside.connection()) {
                connection.getOutputStream().write(0); // not whole
            }
            DnsSockets unserved = server.open(inside.namespace());
            inside.close();
            its.close();
            outside.sentThrough("v0");
            unserved.close();
            await(() -> !outside.run("cat", "/proc/net/dev").contains("v0:"));
            assertThat(upstream.datagramsReceived()).isEmpty();
            assertThatThrownBy(() -> server.serve(unserved, view)).hasMessage("sockets are closed");
        }
    }

    @Test
    void closingTheServerClosesWhatItServes() throws Exception {
        try (TestContainer other = TestContainer.create();
                TestServer upstream = TestServer.start(other.namespace(), "127.0.0.53", (_, _) -> List.of())) {
            long before = descriptors();
            DnsServer ending = new DnsServer();
            DnsSockets its = ending.open(other.namespace());
            ending.serve(its, new TestView(other.namespace()).asks(Upstream.Side.CONTAINER, "127.0.0.53"));
            try (DatagramChannel client = other.client();
                    Socket connection = other.connection()) {
                for (int i = 0; i < 100; i++) {
                    client.write(Messages.query(i, "example.org", Messages.A));
                }
                send(connection, Messages.query(1, "example.org", Messages.A));
                await(() -> !upstream.datagramsReceived().isEmpty());
                ending.close();
                // There may be an answer, that of no server; what counts is that there is an end.
                assertThat(connection.getInputStream().readAllBytes()).hasSizeLessThan(100);
            }
            its.close();
            await(() -> descriptors() == before);
            assertThatThrownBy(() -> ending.serve(its, view)).hasMessage("sockets are closed");
        }
    }

    @Test
    void containersComeAndGoWhileOthersAreServed() throws Exception {
        var ended = new AtomicBoolean();
        long before = descriptors();
        try (TestContainer coming = TestContainer.create()) {
            Thread churn = Thread.ofPlatform().start(() -> {
                while (!ended.get()) {
                    try (DnsSockets its = server.open(coming.namespace())) {
                        server.serve(its, new TestView(coming.namespace()).with("db", "172.20.0.9"));
                        assertThat(Messages.read(coming.exchange(Messages.query(1, "db", Messages.A)))
                                        .records())
                                .hasSize(1);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                }
            });
            for (int i = 0; i < 5000 && churn.isAlive(); i++) {
                assertThat(ask("db", Messages.A).records()).containsExactly("172.20.0.9");
            }
            assertThat(churn.isAlive()).isTrue();
            ended.set(true);
            churn.join();
        }
        await(() -> descriptors() == before);
    }

    @Test
    void socketsOpenedAnewTakeOver() throws Exception {
        ByteBuffer answer = ByteBuffer.allocate(512);
        try (DatagramChannel client = container.client()) {
            client.socket().setSoTimeout(20_000);
            client.write(Messages.query(1, "db", Messages.A));
            client.read(answer);
            try (DnsServer restarted = new DnsServer();
                    DnsSockets its = restarted.open(container.namespace())) {
                // From the same port, of which the kernel remembers where it sent to; and waits until somebody serves.
                client.write(Messages.query(2, "new", Messages.A));
                restarted.serve(its, new TestView(null).with("new", "172.20.0.77"));
                client.read(answer.clear());
                assertThat(Messages.read(answer.flip()).records()).containsExactly("172.20.0.77");
                assertThat(container.dig("+short", "+tcp", "new")).isEqualTo("172.20.0.77\n");
                assertThat(ask("db", Messages.A).rcode()).isEqualTo(2);
            }
        }
    }

    @Test
    void everyAnswerIsOneThatHeldAtTheTime() throws Exception {
        Set<List<String>> valid = Set.of(List.of("172.20.0.2"), List.of("172.20.0.3"), List.of());
        var ended = new AtomicBoolean();
        Thread changing = Thread.ofPlatform().start(() -> {
            while (!ended.get()) {
                view.with("moving", "172.20.0.2");
                view.with("moving", "172.20.0.3");
                view.without("moving");
            }
        });
        Set<List<String>> seen = new HashSet<>();
        try (DatagramChannel client = container.client()) {
            client.socket().setSoTimeout(20_000);
            ByteBuffer buffer = ByteBuffer.allocate(512);
            for (int i = 0; i < 10_000; i++) {
                client.write(Messages.query(i, "moving", Messages.A));
                client.read(buffer.clear());
                Answer answer = Messages.read(buffer.flip());
                assertThat(answer.id()).isEqualTo(i);
                assertThat(valid).contains(answer.records());
                assertThat(answer.rcode()).isEqualTo(answer.records().isEmpty() ? 2 : 0);
                seen.add(answer.records());
            }
        } finally {
            ended.set(true);
            changing.join();
        }
        assertThat(seen).isEqualTo(valid);
    }

    @Test
    void survivesGarbage() throws Exception {
        long seed = System.nanoTime();
        var random = new Random(seed);
        try (DatagramChannel client = container.client()) {
            for (int i = 0; i < 5000; i++) {
                byte[] bytes = new byte[random.nextInt(600)];
                random.nextBytes(bytes);
                client.write(ByteBuffer.wrap(bytes));
            }
        }
        for (int i = 0; i < 100; i++) {
            try (Socket connection = container.connection()) {
                byte[] bytes = new byte[random.nextInt(3000)];
                random.nextBytes(bytes);
                connection.getOutputStream().write(bytes);
            } catch (SocketException e) {
                assertThat(e).as("ended by the server; seed " + seed).isNotNull();
            }
        }
        assertThat(ask("db", Messages.A).records()).as("seed " + seed).containsExactly("172.20.0.9");
        assertThat(container.dig("+short", "+tcp", "db")).isEqualTo("172.20.0.9\n");
    }

    @Test
    void aClientMaySendQueriesWithoutWaiting() throws Exception {
        try (TestServer _ = TestServer.start(
                        container.namespace(),
                        "127.0.0.53",
                        (query, _) -> List.of(TestServer.address(query, 10, 1, 1, 1)));
                Socket connection = container.connection()) {
            view.asks(Upstream.Side.CONTAINER, "127.0.0.53");
            int count = 300;
            for (int i = 0; i < count; i++) {
                send(connection, Messages.query(i, i % 10 == 0 ? "example.org" : "db", Messages.A));
            }
            connection.shutdownOutput();
            Set<Integer> ids = new HashSet<>();
            for (int i = 0; i < count; i++) {
                Answer answer = Messages.read(receive(connection));
                assertThat(answer.records()).containsExactly(answer.id() % 10 == 0 ? "10.1.1.1" : "172.20.0.9");
                ids.add(answer.id());
            }
            assertThat(ids).hasSize(count);
            assertThat(connection.getInputStream().read()).as("the end").isEqualTo(-1);
        }
    }

    @Test
    void clientsThatDoNothingHoldUpNobody() throws Exception {
        List<Socket> idle = new ArrayList<>();
        try {
            view.with("crowd", crowd(4000));
            Socket greedy = container.connection();
            idle.add(greedy);
            Thread sender = Thread.ofPlatform().daemon().start(() -> {
                try {
                    for (int i = 0; ; i++) {
                        send(greedy, Messages.query(i, "crowd", Messages.A)); // and never reads
                    }
                } catch (Exception e) {
                    // closed in the end
                }
            });
            for (int i = 0; i < 80; i++) {
                idle.add(container.connection());
            }
            for (int i = 0; i < 1000; i++) {
                assertThat(ask("db", Messages.A).records()).hasSize(1);
            }
            assertThat(sender.isAlive()).isTrue();
            assertThat(container.dig("+short", "+tcp", "db"))
                    .as("waits until idle ones have been ended")
                    .isEqualTo("172.20.0.9\n");
        } finally {
            for (Socket socket : idle) {
                socket.close();
            }
        }
    }

    /** But for pipes: those to commands that tests run are closed when the JDK comes round to it. */
    private static long descriptors() {
        return OpenDescriptors.targets().values().stream()
                .filter(target -> !target.startsWith("pipe:"))
                .count();
    }

    @Test
    void aContainerHasTwoDescriptorsOnceItsQuestionsAreAnswered() throws Exception {
        try (TestContainer other = TestContainer.create();
                DnsServer impatient = new DnsServer(SHORT);
                TestServer _ = TestServer.start(
                        other.namespace(),
                        "127.0.0.53",
                        (query, _) -> List.of(TestServer.address(query, 10, 1, 1, 1)))) {
            long before = descriptors();
            try (DnsSockets its = impatient.open(other.namespace())) {
                impatient.serve(its, new TestView(other.namespace()).asks(Upstream.Side.CONTAINER, "127.0.0.53"));
                assertThat(descriptors()).isEqualTo(before + 2);
                assertThat(other.dig("+short", "example.org")).isEqualTo("10.1.1.1\n");
                assertThat(other.dig("+short", "+tcp", "example.org")).isEqualTo("10.1.1.1\n");
                await(() -> descriptors() == before + 3); // that to the server stays open a while
                await(() -> descriptors() == before + 2);
                assertThat(other.dig("+short", "example.org")).isEqualTo("10.1.1.1\n");
            }
            await(() -> descriptors() == before);
        }
    }

    @Test
    void aContainerHasSoManyQuestionsOpenAndNoMore() throws Exception {
        try (TestServer upstream = TestServer.start(container.namespace(), "127.0.0.53", (_, _) -> List.of());
                DatagramChannel client = container.client()) {
            view.asks(Upstream.Side.CONTAINER, "127.0.0.53");
            for (int i = 0; i < 1024; i++) {
                client.write(Messages.query(i, "example.org", Messages.A));
                if (i % 64 == 63) { // no buffer on the way holds them all
                    int sent = i + 1;
                    await(() -> upstream.datagramsReceived().size() == sent);
                }
            }
            int refused = 0;
            ByteBuffer buffer = ByteBuffer.allocate(512);
            for (int i = 1024; i < 1100; i++) {
                client.write(Messages.query(i, "example.org", Messages.A));
                client.read(buffer.clear());
                refused += Messages.read(buffer.flip()).rcode() == 5 ? 1 : 0;
            }
            assertThat(refused).isEqualTo(1100 - 1024);
            assertThat(ask("db", Messages.A).records())
                    .as("what is known needs nobody")
                    .hasSize(1);
            assertThat(new HashSet<>(upstream.portsSeen())).hasSizeLessThanOrEqualTo(8);
            await(() -> ask("example.org", Messages.A).rcode() == 2); // no server knows it, instead of too much at once
        }
    }

    @Test
    void oneContainersFloodDelaysNoOthersLookups() throws Exception {
        var ended = new AtomicBoolean();
        try (TestContainer flooding = TestContainer.create();
                DnsSockets its = server.open(flooding.namespace());
                DatagramChannel flood = flooding.client();
                DatagramChannel client = container.client()) {
            server.serve(its, new TestView(null).with("crowd", crowd(1000)));
            Thread sender = Thread.ofPlatform().daemon().start(() -> {
                try {
                    while (!ended.get()) {
                        flood.write(Messages.query(1, "crowd", Messages.A, 65535)); // and never reads
                    }
                } catch (IOException e) {
                    ended.set(true);
                }
            });
            client.socket().setSoTimeout(20_000);
            ByteBuffer buffer = ByteBuffer.allocate(512);
            long slowest = 0;
            for (int i = 0; i < 1000; i++) {
                long began = System.nanoTime();
                client.write(Messages.query(i, "db", Messages.A));
                client.read(buffer.clear());
                slowest = Math.max(slowest, System.nanoTime() - began);
                assertThat(Messages.read(buffer.flip()).id()).isEqualTo(i);
            }
            assertThat(ended).isFalse();
            assertThat(Duration.ofNanos(slowest)).isLessThan(Duration.ofSeconds(1));
            ended.set(true);
            sender.join();
        }
    }
}
