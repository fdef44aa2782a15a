package io.berth.bench;

import io.berth.linux.fd.Fd;
import io.berth.linux.namespace.Namespace;
import io.berth.linux.namespace.Namespaces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Requests per second to a published port of a container: from a host of its own, which is a network namespace that a pair of
 * interfaces joins to the daemon's, and from the daemon's host by loopback. The server is the host's nginx with one worker that
 * answers from memory and keeps connections, so that what comes out is the way of the packets more than the server.
 *
 * <p>The daemons take turns, several times.
 */
final class PublishedPortBench implements AutoCloseable {
    /** TEST-NET-1, of which no daemon takes subnets. */
    private static final String HOST_ADDRESS = "192.0.2.1";

    private static final String CLIENT_ADDRESS = "192.0.2.2";
    private static final int PORT = 8080;
    /** The container has started before its server listens. */
    private static final String AWAIT_ANSWER = "for i in $(seq 100); do wget -q -O /dev/null http://" + HOST_ADDRESS
            + ":" + PORT + "/ && exit 0; sleep 0.1; done; exit 1";

    private static final Pattern RATE = Pattern.compile("Requests/sec:\\s+([\\d.]+)");
    private static final Pattern FAILED = Pattern.compile("Non-2xx|Socket errors");
    private static final Pattern LIBRARY = Pattern.compile("(/\\S+) \\(0x");

    private static final String CONFIGURATION = """
            daemon off;
            master_process off;
            user root root;
            pid /tmp/nginx.pid;
            error_log /dev/stderr;
            events { worker_connections 256; }
            http {
              access_log off;
              keepalive_requests 1000000000;
              client_body_temp_path /tmp/1; proxy_temp_path /tmp/2; fastcgi_temp_path /tmp/3;
              uwsgi_temp_path /tmp/4; scgi_temp_path /tmp/5;
              server { listen 80; location / { return 200 "hello from a container\\n"; } }
            }
            """;

    private final Report report;
    private final List<Target> targets = new ArrayList<>();

    /**
     * A daemon with a container.
     *
     * @param host path of the daemon's network namespace
     * @param client namespace that is joined to it
     * @param veth requests per second, in each round
     * @param loopback the same
     */
    private record Target(
            String subject,
            Path socket,
            String container,
            String host,
            Fd client,
            List<Double> veth,
            List<Double> loopback) {}

    PublishedPortBench(Report report) {
        this.report = report;
    }

    /** Whether this machine has what it takes; the report says what is missing. */
    boolean isPossible() {
        for (String command : List.of("nginx", "wrk")) {
            if (!Shell.has(command)) {
                report.remark(command + " is not installed: requests to published ports are left out");
                return false;
            }
        }
        return true;
    }

    /**
     * Makes the tar file of an image: a root file system with nginx, its libraries and its configuration.
     *
     * @param root an extracted one
     */
    static Path image(Path scratch, Path root) throws IOException {
        Path nginx = Shell.which("nginx").orElseThrow();
        Path directory = scratch.resolve("nginx");
        Shell.run(List.of("cp", "-a", root.toString(), directory.toString()));
        List<String> files = new ArrayList<>(List.of("cp", "-L", "--parents"));
        Matcher library = LIBRARY.matcher(Shell.run(List.of("ldd", nginx.toString())));
        while (library.find()) {
            files.add(library.group(1));
        }
        files.add(directory.toString());
        Shell.run(files);
        Files.copy(nginx, directory.resolve("bin/nginx"));
        Files.writeString(directory.resolve("etc/nginx.conf"), CONFIGURATION);
        for (String log : List.of("var/log/nginx", "var/lib/nginx")) { // which Debian's opens before it knows better
            Files.createDirectories(directory.resolve(log));
        }
        Path tar = scratch.resolve("nginx.tar");
        Shell.run(List.of("tar", "-C", directory.toString(), "-cf", tar.toString(), "."));
        return tar;
    }

    /**
     * Adds a daemon: starts the server, and joins a client to the daemon's host.
     *
     * @param host path of the daemon's network namespace
     */
    void add(String subject, Path socket, Path tar, String host) {
        String container;
        try (ApiClient api = new ApiClient(socket)) {
            api.importImage(tar, "bench/nginx", "latest");
            container = api.call(
                            "POST",
                            "/containers/create",
                            "{\"Image\":\"bench/nginx:latest\",\"Cmd\":[\"/bin/nginx\",\"-c\",\"/etc/nginx.conf\"],"
                                    + "\"ExposedPorts\":{\"80/tcp\":{}},\"HostConfig\":{\"NetworkMode\":\"bridge\","
                                    + "\"PortBindings\":{\"80/tcp\":[{\"HostPort\":\"" + PORT + "\"}]}}}")
                    .json()
                    .get("Id")
                    .asString();
            api.call("POST", "/containers/" + container + "/start", "");
        }
        Fd client = Namespaces.create(Namespace.NETWORK);
        targets.add(new Target(subject, socket, container, host, client, new ArrayList<>(), new ArrayList<>()));
        String inside = pathOf(client);
        in(host, "ip", "link", "add", "bench0", "type", "veth", "peer", "name", "bench0", "netns", inside);
        join(host, HOST_ADDRESS);
        join(inside, CLIENT_ADDRESS);
        in(inside, "busybox", "sh", "-c", AWAIT_ANSWER);
    }

    private static void join(String namespace, String address) {
        in(namespace, "ip", "address", "add", address + "/30", "dev", "bench0");
        in(namespace, "ip", "link", "set", "bench0", "up");
    }

    /** Path by which the commands that this process starts find a namespace. */
    static String pathOf(Fd namespace) {
        return "/proc/" + ProcessHandle.current().pid() + "/fd/" + namespace.value();
    }

    private static String in(String namespace, String... command) {
        List<String> all = new ArrayList<>(List.of("nsenter", "--net=" + namespace));
        all.addAll(List.of(command));
        return Shell.run(all);
    }

    /** @param rounds in which each daemon has its turn, after one to warm up */
    void run(int rounds, int seconds) {
        for (int round = 0; round <= rounds; round++) {
            for (Target target : targets) {
                double veth = rate(pathOf(target.client), HOST_ADDRESS, seconds);
                double loopback = rate(target.host, "127.0.0.1", seconds);
                if (round > 0) {
                    target.veth.add(veth);
                    target.loopback.add(loopback);
                }
            }
        }
        report("veth", Target::veth);
        report("loopback", Target::loopback);
    }

    private void report(String way, Function<Target, List<Double>> rates) {
        String what = "requests to a published port by " + way;
        List<Double> medians = new ArrayList<>();
        for (Target target : targets) {
            List<Double> sorted = rates.apply(target).stream().sorted().toList();
            medians.add(sorted.get(sorted.size() / 2));
            report.fact(target.subject, what + ", median of " + sorted.size(), medians.getLast(), "/s");
            report.fact(target.subject, what + ", lowest", sorted.getFirst(), "/s");
            report.fact(target.subject, what + ", highest", sorted.getLast(), "/s");
        }
        if (medians.size() > 1) {
            String subjects = targets.getFirst().subject + " / " + targets.get(1).subject;
            report.fact(subjects, what + ", ratio of medians", medians.getFirst() / medians.get(1), "");
        }
    }

    private static double rate(String namespace, String address, int seconds) {
        String said = in(namespace, "wrk", "-t2", "-c16", "-d" + seconds + "s", "http://" + address + ":" + PORT + "/");
        Matcher rate = RATE.matcher(said);
        if (!rate.find() || FAILED.matcher(said).find()) {
            throw new IllegalStateException("a published port does not answer as it should:\n" + said);
        }
        return Double.parseDouble(rate.group(1));
    }

    /** Ends the servers; the pairs go with their namespaces. */
    @Override
    public void close() {
        for (Target target : targets) {
            target.client.close();
            try (ApiClient api = new ApiClient(target.socket)) {
                api.call("DELETE", "/containers/" + target.container + "?force=true", "");
            }
        }
    }
}
