package io.berth.gateway.certificate;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes certificates for a platform and its clients under the names that Docker uses: {@code ca.pem},
 * {@code server-cert.pem} and {@code server-key.pem}, and for each client a directory with {@code ca.pem},
 * {@code cert.pem} and {@code key.pem}, which is its {@code DOCKER_CERT_PATH}. The authority's key is not kept.
 */
public final class CertificateFiles {
    private static final Logger LOG = LoggerFactory.getLogger(CertificateFiles.class);
    private static final Duration VALID_FOR = Duration.ofDays(825);

    private CertificateFiles() {}

    /**
     * Called by the launcher.
     *
     * @param arguments directory, hosts and clients, the last two each as a list with commas
     */
    public static void main(String[] arguments) {
        write(
                Path.of(arguments[0]),
                Arrays.asList(arguments[1].toLowerCase(Locale.ROOT).split(",", -1)),
                Arrays.asList(arguments[2].split(",", -1)));
    }

    /**
     * Writes all files anew.
     *
     * @param hosts names and addresses of the platform, at least one
     * @param clients users that get a certificate
     * @throws UncheckedIOException when the directory cannot be written
     */
    public static void write(Path directory, List<String> hosts, List<String> clients) {
        for (String client : clients) {
            if (!client.matches("[A-Za-z0-9][A-Za-z0-9_.-]*")) {
                throw new IllegalArgumentException("not a user's name: " + client);
            }
        }
        CertificateAuthority authority = new CertificateAuthority("Berth " + hosts.getFirst(), VALID_FOR);
        try {
            Files.createDirectories(directory);
            Files.writeString(directory.resolve("ca.pem"), authority.certificate());
            CertificateAuthority.Issued server = authority.server(hosts);
            Files.writeString(directory.resolve("server-cert.pem"), server.certificate());
            writeSecret(directory.resolve("server-key.pem"), server.key());
            for (String client : clients) {
                Path own = Files.createDirectories(directory.resolve(client));
                CertificateAuthority.Issued issued = authority.client(client);
                Files.writeString(own.resolve("ca.pem"), authority.certificate());
                Files.writeString(own.resolve("cert.pem"), issued.certificate());
                writeSecret(own.resolve("key.pem"), issued.key());
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write certificates to " + directory, e);
        }
        LOG.atDebug().addKeyValue("directory", directory).log("certificates written");
    }

    private static void writeSecret(Path file, String text) throws IOException {
        Files.deleteIfExists(file);
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(file, text);
    }
}
