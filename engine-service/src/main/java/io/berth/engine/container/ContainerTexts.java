package io.berth.engine.container;

import io.berth.engine.network.Connections;
import io.berth.engine.network.ContainerNetworks;
import io.berth.engine.network.LegacyLinks;
import io.berth.engine.network.Resolver;
import io.berth.oci.Digest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.springframework.stereotype.Component;

/**
 * Writes the hostname, hosts and resolv.conf files that lie over those of the image: before each start, and when a running
 * container's networks change.
 *
 * <p>Files are written in place, since a running container has them mounted.
 */
@Component
final class ContainerTexts {
    private static final String RESOLV_CONF = "resolv.conf";
    private static final String HOSTS = "hosts";
    private static final String HOSTNAME = "hostname";

    private final ContainerDirectories directories;
    private final ContainerNetworks networks;
    private final LegacyLinks links;

    ContainerTexts(ContainerDirectories directories, ContainerNetworks networks, LegacyLinks links) {
        this.directories = directories;
        this.networks = networks;
        this.links = links;
    }

    /** Who is asked for names that a container's networks do not know. */
    static Resolver resolver(ContainerSpec spec) {
        ResolvConf.Embedded embedded = NetworkFiles.embedded(spec.hostConfig(), false);
        return new Resolver(
                embedded.externalServers().stream()
                        .map(server -> new Resolver.Server(server.address(), server.fromHost()))
                        .toList(),
                !embedded.dotsSet());
    }

    /**
     * Writes what a container is told of its networks. Whoever has edited resolv.conf keeps it, as Docker says in the file.
     *
     * @return digest of what the engine has written into resolv.conf
     */
    String write(ContainerSnapshot container, Connections connections) {
        ContainerSpec spec = container.spec();
        Path directory = directories.of(container.id());
        NetworkFiles.Texts texts = NetworkFiles.contents(
                spec,
                connections.endpoints(),
                connections.hasNames(),
                links.hosts(NetworkUse.request(container)),
                networks.hostGateway());
        try {
            Path hostname = directory.resolve(HOSTNAME);
            if (!Files.exists(hostname)) {
                write(hostname, texts.hostname());
            }
            write(directory.resolve(HOSTS), texts.hosts());
            return writeUnlessEdited(
                    directory.resolve(RESOLV_CONF),
                    texts.resolvConf(),
                    container.network().resolvConf());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the container's files in " + directory, e);
        }
    }

    private static String writeUnlessEdited(Path file, String text, String written) throws IOException {
        String digest = digest(text);
        if (!written.isEmpty()
                && (written.equals(digest) || !digest(Files.readString(file)).equals(written))) {
            return written;
        }
        write(file, text);
        return digest;
    }

    private static String digest(String text) {
        return Digest.sha256(text.getBytes(StandardCharsets.UTF_8)).shortHex();
    }

    private static void write(Path file, String text) throws IOException {
        boolean made = !Files.exists(file);
        Files.writeString(file, text);
        if (made) {
            // The container's users read them, whatever the engine's umask is.
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        }
    }
}
