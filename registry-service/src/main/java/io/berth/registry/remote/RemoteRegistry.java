package io.berth.registry.remote;

import io.berth.outgoing.Destinations;
import io.berth.registryclient.Mirrors;
import io.berth.registryclient.RegistryClient;
import io.berth.registryclient.RegistryClients;
import io.berth.registryclient.RegistryCredentials;
import io.berth.registryclient.TransferLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Another registry, with what is meant for it alone: credentials, certificates, and the private addresses it may be at. Nothing
 * of them is ever used for another one. Thread-safe.
 */
public final class RemoteRegistry implements AutoCloseable {
    /** Clients may wait for what is fetched here, so that it must not take long to learn that nobody answers. */
    private static final TransferLimits LIMITS = new TransferLimits(
            3, Duration.ofMillis(200), Duration.ofSeconds(2), Duration.ofSeconds(5), Duration.ofSeconds(30));

    private final Access access;
    private final RegistryClients clients;
    /** What it was last spoken to with, and what it gave a token; null before and after a failure. */
    private volatile @Nullable RegistryClient session;

    /**
     * How it is spoken to.
     *
     * @param registry as image references name it, such as {@code docker.io} or {@code registry.example:5000}
     * @param username null for none
     * @param passwordFile file whose first line is the password or token, read anew for each session; null for none
     * @param plainHttp whether it may be spoken to without TLS; a loopback one always is
     * @param allowedAddresses private address ranges that it, and what it redirects to, may be in
     */
    public record Access(
            String registry,
            @Nullable String username,
            @Nullable Path passwordFile,
            boolean plainHttp,
            List<String> allowedAddresses) {
        public Access {
            allowedAddresses = List.copyOf(allowedAddresses);
        }
    }

    /** @param certificates directory with the certificates of each host below {@code <host[:port]>/} */
    public RemoteRegistry(Access access, Path certificates) {
        this.access = access;
        this.clients = new RegistryClients(
                access.plainHttp() ? List.of(access.registry()) : List.of(),
                Mirrors.NONE,
                certificates,
                LIMITS,
                Destinations.publicAnd(access.allowedAddresses()));
    }

    /** As image references name it. */
    public String registry() {
        return access.registry();
    }

    /** A client with the registry's credentials. */
    public RegistryClient client() throws IOException {
        RegistryClient known = session;
        if (known != null) {
            return known;
        }
        RegistryClient opened = clients.open(registry(), credentials());
        session = opened;
        return opened;
    }

    private RegistryCredentials credentials() throws IOException {
        Path file = access.passwordFile();
        if (access.username() == null || file == null) {
            return RegistryCredentials.ANONYMOUS;
        }
        String password = Files.readString(file).lines().findFirst().orElse("");
        return new RegistryCredentials(access.username(), password, null, null, registry());
    }

    /** After a failure: the next session reads the password again and looks whether TLS is spoken. */
    public void forgetSession() {
        session = null;
    }

    @Override
    public void close() {
        clients.close();
    }
}
