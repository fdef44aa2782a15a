package io.berth.compat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The daemon that the tests talk to, with one image that has all of busybox: a Berth made for the occasion, or a reference
 * daemon to prove the tests with.
 */
final class Target implements AutoCloseable {
    /** The image every test may use and none may remove. */
    static final String IMAGE = "berth-test/busybox:latest";

    private final @Nullable BerthInstance berth;
    private final DockerCli docker;
    private final String host;
    private final Path scratch;

    private Target(@Nullable BerthInstance berth, DockerCli docker, String host, Path scratch) {
        this.berth = berth;
        this.docker = docker;
        this.host = host;
        this.scratch = scratch;
    }

    static Target open(String referenceHost) {
        try {
            Path scratch = Files.createTempDirectory("berth-compat-files");
            Target target;
            if (referenceHost.isEmpty()) {
                BerthInstance berth = BerthInstance.start(2375);
                target = new Target(berth, berth.docker(), "unix://" + berth.socket(), scratch);
            } else {
                DockerCli docker = new DockerCli(List.of(), referenceHost, scratch.resolve("docker-config"));
                target = new Target(null, docker, referenceHost, scratch);
            }
            try {
                importImage(target.docker, target.rootFileSystem());
            } catch (AssertionError e) {
                target.close();
                throw e;
            }
            return target;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Gives a daemon the image {@link #IMAGE}. */
    static void importImage(DockerCli docker, Path rootFileSystem) {
        docker.ok(
                "import",
                "--change",
                "CMD [\"/bin/sh\"]",
                "--change",
                "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                rootFileSystem.toString(),
                IMAGE);
    }

    DockerCli docker() {
        return docker;
    }

    /** Removes the containers that have a label, such as {@code berth.test=life}, whatever they do. */
    void removeContainers(String label) {
        docker.ok("ps", "-aq", "--filter", "label=" + label).lines().forEach(id -> docker.run("rm", "-f", id));
    }

    RawHttp http() {
        return new RawHttp(socket());
    }

    /** The daemon's socket. */
    Path socket() {
        if (!host.startsWith("unix://")) {
            throw new IllegalStateException("raw requests need a unix:// host, not " + host);
        }
        return Path.of(host.substring("unix://".length()));
    }

    /**
     * Command prefix that runs a program in the daemon's network namespace. Of a reference daemon, the property {@code
     * compat.docker.pid} names a process in it.
     */
    List<String> inNamespace() {
        return berth == null
                ? List.of("nsenter", "--net=/proc/" + System.getProperty("compat.docker.pid") + "/ns/net", "--")
                : berth.inNamespace();
    }

    /** Serves files by HTTP at a port of the daemon's network namespace. */
    Running serve(Path directory, int port) {
        List<String> command = new ArrayList<>(inNamespace());
        command.addAll(List.of("busybox", "httpd", "-f", "-p", Integer.toString(port), "-h", directory.toString()));
        Running server = Running.start(command, Map.of());
        List<String> probe = new ArrayList<>(inNamespace());
        probe.addAll(List.of("busybox", "nc", "127.0.0.1", Integer.toString(port)));
        Eventually.holds(
                Duration.ofSeconds(10),
                () -> Running.run(probe, Map.of(), new byte[0], Duration.ofSeconds(10))
                                .exitCode()
                        == 0,
                () -> "files are not served: " + server.errUntilNow());
        return server;
    }

    boolean isBerth() {
        return berth != null;
    }

    /** Removes all images of a repository, whatever uses them. */
    void removeImages(String repository) {
        docker.ok("images", "-q", repository).lines().distinct().forEach(image -> docker.run("rmi", "-f", image));
    }

    /** The platform itself, for tests of what no other daemon has. */
    BerthInstance berth() {
        if (berth == null) {
            throw new IllegalStateException("this test is about Berth only: mark it @BerthOnly");
        }
        return berth;
    }

    /** A directory for files of the tests. */
    Path scratch() {
        return scratch;
    }

    /** The tar file that {@link #IMAGE} was made of. */
    Path rootFileSystem() {
        Path tar = scratch.resolve("rootfs.tar");
        if (!Files.exists(tar)) {
            makeRootFileSystem(tar);
        }
        return tar;
    }

    /** Makes a tar file with all of busybox. */
    static void makeRootFileSystem(Path tar) {
        Running.run(
                        List.of(BerthInstance.launcherScript().toString(), "busybox-root", tar.toString()),
                        Map.of(),
                        new byte[0],
                        Duration.ofMinutes(1))
                .ok();
    }

    @Override
    public void close() {
        try {
            if (berth != null) {
                berth.close();
            } else {
                docker.run("rmi", "-f", IMAGE);
            }
        } finally {
            Running.run(List.of("rm", "-rf", scratch.toString()), Map.of(), new byte[0], Duration.ofMinutes(1));
        }
    }
}
