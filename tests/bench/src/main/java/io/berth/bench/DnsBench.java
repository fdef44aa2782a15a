package io.berth.bench;

import io.berth.engine.network.dns.DnsServer;
import io.berth.engine.network.dns.DnsSockets;
import io.berth.engine.network.dns.DnsView;
import io.berth.engine.network.dns.Upstreams;
import io.berth.linux.fd.Fd;
import io.berth.linux.namespace.Namespace;
import io.berth.linux.namespace.Namespaces;
import io.berth.linux.process.Pidfd;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Lookups of a name that a container's networks know, from inside its network namespace and through the redirect of port 53: of
 * Berth's server in this process, and of the one that a daemon gives a container. The client keeps so many questions open, and
 * asks the next when one is answered; it takes about as much processor time as the server.
 */
final class DnsBench {
    private static final int WARM_UP = 50_000;
    private static final InetSocketAddress SERVER = new InetSocketAddress("127.0.0.11", 53);

    /** A header with RD and one question, {@code web}, type A, class IN. */
    private static final byte[] QUERY = HexFormat.of().parseHex("00000100000100000000000003776562" + "0000010001");

    /** No error, and one answer. */
    private static final int RCODE = 0xf;

    private final Report report;

    DnsBench(Report report) {
        this.report = report;
    }

    /** @param lookups of each kind */
    void run(int lookups) {
        try (Fd namespace = Namespaces.create(Namespace.NETWORK)) {
            String path = "/proc/" + ProcessHandle.current().pid() + "/fd/" + namespace.value();
            Shell.run(List.of("nsenter", "--net=" + path, "ip", "link", "set", "lo", "up"));
            try (DnsServer server = new DnsServer();
                    DnsSockets sockets = server.open(namespace);
                    DatagramChannel client = Namespaces.callIn(
                            namespace, Namespace.NETWORK, () -> DatagramChannel.open(StandardProtocolFamily.INET))) {
                server.serve(sockets, new View());
                measure("berth dns", client, lookups);
            } catch (IOException e) {
                throw new UncheckedIOException("looking up names failed", e);
            }
        }
    }

    /**
     * Asks the name server of a daemon's container.
     *
     * @param image with {@code sleep}
     * @param network with names, that there is
     */
    void run(String subject, Path socket, String image, String network, int lookups) {
        try (ApiClient api = new ApiClient(socket)) {
            String id = api.call(
                            "POST",
                            "/containers/create",
                            "{\"Image\":\"" + image + "\",\"Cmd\":[\"/bin/sleep\",\"100000\"],"
                                    + "\"HostConfig\":{\"NetworkMode\":\"" + network + "\"},"
                                    + "\"NetworkingConfig\":{\"EndpointsConfig\":{\"" + network
                                    + "\":{\"Aliases\":[\"web\"]}}}}")
                    .json()
                    .get("Id")
                    .asString();
            api.call("POST", "/containers/" + id + "/start", "");
            int pid = api.call("GET", "/containers/" + id + "/json", "")
                    .json()
                    .get("State")
                    .get("Pid")
                    .asInt();
            try (Pidfd process = Pidfd.open(pid);
                    Fd namespace = Namespaces.open(process, Namespace.NETWORK);
                    DatagramChannel client = Namespaces.callIn(
                            namespace, Namespace.NETWORK, () -> DatagramChannel.open(StandardProtocolFamily.INET))) {
                measure(subject + " container's dns", client, lookups);
            } catch (IOException e) {
                throw new UncheckedIOException("looking up names failed", e);
            }
            api.call("DELETE", "/containers/" + id + "?force=true", "");
        }
    }

    private void measure(String subject, DatagramChannel client, int lookups) throws IOException {
        client.connect(SERVER);
        lookUp(client, Math.min(WARM_UP, lookups), 8);
        for (int open : List.of(1, 8, 32)) {
            report(subject, client, lookups, open);
        }
    }

    private void report(String subject, DatagramChannel client, int lookups, int open) throws IOException {
        long began = System.nanoTime();
        Samples samples = lookUp(client, lookups, open);
        double seconds = (System.nanoTime() - began) / 1e9;
        String operation = "lookup of a local name, " + open + " at a time";
        report.samples(subject, operation, samples);
        report.fact(subject, operation, lookups / seconds, "/s");
    }

    /** @param open questions at a time */
    private static Samples lookUp(DatagramChannel client, int lookups, int open) throws IOException {
        Samples samples = new Samples();
        long[] sent = new long[open];
        ByteBuffer query = ByteBuffer.allocateDirect(QUERY.length).put(QUERY);
        ByteBuffer response = ByteBuffer.allocateDirect(512);
        for (int id = 0; id < open; id++) {
            ask(client, query, id, sent);
        }
        for (int i = 0; i < lookups; i++) {
            client.read(response.clear());
            int id = response.getShort(0);
            if ((response.getShort(2) & RCODE) != 0 || response.getShort(6) != 1) {
                throw new IOException("a name that is known was not found");
            }
            samples.add(System.nanoTime() - sent[id]);
            if (i < lookups - open) {
                ask(client, query, id, sent);
            }
        }
        return samples;
    }

    private static void ask(DatagramChannel client, ByteBuffer query, int id, long[] sent) throws IOException {
        sent[id] = System.nanoTime();
        client.write(query.putShort(0, (short) id).rewind());
    }

    private static final class View implements DnsView {
        private static final Map<String, List<InetAddress>> NAMES =
                Map.of("web", List.of(InetAddress.ofLiteral("172.20.0.2")));

        @Override
        public List<InetAddress> addresses(String name) {
            return NAMES.getOrDefault(name, List.of());
        }

        @Override
        public Optional<String> name(InetAddress address) {
            return Optional.empty();
        }

        @Override
        public boolean mayForward() {
            return false;
        }

        @Override
        public Upstreams upstreams() {
            return Upstreams.NONE;
        }

        @Override
        public Fd openNamespace() {
            throw new IllegalStateException("nobody is asked");
        }
    }
}
