package io.berth.registry;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.springframework.util.FileSystemUtils;

/**
 * A PostgreSQL server of Debian's package {@code postgresql} on the loopback address, with data in a temporary directory. It refuses to
 * run as root, so root starts it as the package's user.
 */
final class PostgresServer implements AutoCloseable {
    private static final String USER = "postgres";

    private final Path directory;
    private final Process process;
    private final int port;

    private PostgresServer(Path directory, Process process, int port) {
        this.directory = directory;
        this.process = process;
        this.port = port;
    }

    static PostgresServer start() throws IOException, InterruptedException {
        Path programs = programs();
        boolean root = "root".equals(System.getProperty("user.name"));
        Path directory = Files.createTempDirectory("berth-postgres");
        if (root) {
            Files.getFileAttributeView(directory, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                    .setOwner(directory
                            .getFileSystem()
                            .getUserPrincipalLookupService()
                            .lookupPrincipalByName(USER));
        }
        Path data = directory.resolve("data");
        Path log = directory.resolve("log");
        run(
                root,
                log,
                List.of(
                        programs.resolve("initdb").toString(),
                        "--no-sync",
                        "--auth=trust",
                        "--username=" + USER,
                        "--encoding=UTF8",
                        "--locale=C.UTF-8",
                        "--pgdata=" + data));
        int port = freePort();
        Process process = process(
                        root,
                        log,
                        List.of(
                                programs.resolve("postgres").toString(),
                                "-D",
                                data.toString(),
                                "-F",
                                "-h",
                                "127.0.0.1",
                                "-p",
                                String.valueOf(port),
                                "-k",
                                "",
                                "-N",
                                "150"))
                .start();
        PostgresServer server = new PostgresServer(directory, process, port);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
        while (!Files.exists(log) || !Files.readString(log).contains("ready to accept connections")) {
            if (!process.isAlive() || System.nanoTime() > deadline) {
                String said = Files.readString(log);
                server.close();
                throw new AssertionError("postgres did not start:\n" + said);
            }
            Thread.sleep(50);
        }
        return server;
    }

    private static Path programs() throws IOException {
        Path versions = Path.of("/usr/lib/postgresql");
        List<Path> found = new ArrayList<>();
        if (Files.isDirectory(versions)) {
            try (Stream<Path> all = Files.list(versions)) {
                all.map(version -> version.resolve("bin"))
                        .filter(bin -> Files.isExecutable(bin.resolve("initdb")))
                        .forEach(found::add);
            }
        }
        return found.stream()
                .max(Comparator.naturalOrder())
                .orElseThrow(() -> new AssertionError(
                        "no PostgreSQL in /usr/lib/postgresql: install Debian's package postgresql"));
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static ProcessBuilder process(boolean root, Path log, List<String> command) {
        List<String> all = new ArrayList<>();
        if (root) {
            all.addAll(List.of("setpriv", "--reuid=" + USER, "--regid=" + USER, "--clear-groups", "--"));
        }
        all.addAll(command);
        return new ProcessBuilder(all)
                .directory(Path.of("/").toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    }

    private static void run(boolean root, Path log, List<String> command) throws IOException, InterruptedException {
        Process process = process(root, log, command).start();
        if (process.waitFor() != 0) {
            throw new AssertionError(command.getFirst() + " failed:\n" + Files.readString(log));
        }
    }

    /** What a registry is started with so that its metadata is here, in a schema of a name. */
    List<String> settings(String schema) {
        return List.of(
                "--spring.datasource.url=jdbc:postgresql://127.0.0.1:" + port + "/postgres?currentSchema=" + schema,
                "--spring.datasource.username=" + USER,
                "--spring.flyway.schemas=" + schema);
    }

    @Override
    public void close() {
        process.destroy(); // SIGTERM waits for clients, which have gone
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
            FileSystemUtils.deleteRecursively(directory);
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
