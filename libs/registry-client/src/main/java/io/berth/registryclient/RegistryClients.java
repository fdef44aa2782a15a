package io.berth.registryclient;

import io.berth.oci.ImageReference;
import io.berth.outgoing.Destinations;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Opens registry clients. They share connections but neither credentials nor tokens. Thread-safe; close to end it all. */
public final class RegistryClients implements AutoCloseable {
    private static final String HUB_INDEX = "index.docker.io";
    private static final int MAX_ERROR_LENGTH = 64 * 1024;

    private final InsecureRegistries insecure;
    private final HostConnections hosts;
    private final Mirrors mirrors;
    private final OwnRegistries own;
    private final Reach reach;
    private final TransferLimits limits;
    /** How registries that may be spoken to in plain text want to be: learnt when one first answers. */
    private final ConcurrentHashMap<String, String> schemes = new ConcurrentHashMap<>();

    /**
     * Opens nothing yet.
     *
     * @param insecureRegistries hosts and address ranges that plain HTTP and unverified certificates are allowed for
     * @param certificates directory with the certificates of each host below {@code <host[:port]>/}, or null for none
     */
    public RegistryClients(
            List<String> insecureRegistries, Mirrors mirrors, @Nullable Path certificates, TransferLimits limits) {
        this(insecureRegistries, mirrors, certificates, limits, Destinations.ANY);
    }

    /**
     * As the other one, and connects to some addresses only.
     *
     * @param destinations asked for each connection, also those that registries send it to
     */
    public RegistryClients(
            List<String> insecureRegistries,
            Mirrors mirrors,
            @Nullable Path certificates,
            TransferLimits limits,
            Destinations destinations) {
        this(insecureRegistries, mirrors, certificates, limits, _ -> destinations, OwnRegistries.NONE);
    }

    /**
     * As the other one, on a platform with registries of its own, for commands of several people.
     *
     * @param reach which addresses a command may reach; mirrors and the platform's own registries are reached as well
     * @param own asked for tokens where the caller has no credentials
     */
    public RegistryClients(
            List<String> insecureRegistries,
            Mirrors mirrors,
            @Nullable Path certificates,
            TransferLimits limits,
            Reach reach,
            OwnRegistries own) {
        this.insecure = new InsecureRegistries(insecureRegistries);
        this.mirrors = mirrors;
        this.own = own;
        this.reach = reach;
        this.limits = limits;
        this.hosts = new HostConnections(limits.connectTimeout(), limits.silence(), certificates, insecure);
    }

    /**
     * A client for the registry that serves a reference's domain.
     *
     * @param credentials sent only if they are meant for that registry
     */
    public RegistryClient open(String domain, RegistryCredentials credentials) {
        Destinations destinations = destinations(domain, credentials);
        return client(endpoint(domain, destinations), credentials, destinations);
    }

    /** Where a command may connect to for a registry. One of the platform's own is reached though it is at this machine. */
    private Destinations destinations(String domain, RegistryCredentials credentials) {
        Destinations destinations = reach.of(credentials.onBehalfOf());
        return own.hosts().contains(domain) ? destinations.and(List.copyOf(own.hosts())) : destinations;
    }

    private RegistryClient client(
            RegistryEndpoint endpoint, RegistryCredentials credentials, Destinations destinations) {
        Sender sender = new Sender(hosts, limits, destinations);
        TokenService tokens = new TokenService(sender, endpoint, insecure, own, false);
        return new RegistryClient(new RegistryConnection(
                endpoint, new RegistryAuthorization(endpoint, credentials.boundTo(endpoint), tokens), sender));
    }

    /**
     * Where a repository can be pulled from: its mirrors first, the registry itself last.
     *
     * @param credentials go to a mirror only when they name it
     */
    public List<PullSource> sources(ImageReference reference, RegistryCredentials credentials) {
        List<PullSource> sources = new ArrayList<>();
        for (Mirrors.Location mirror : mirrors.of(reference)) {
            RegistryCredentials meant =
                    credentials.serverAddress() == null ? RegistryCredentials.ANONYMOUS : credentials;
            // An operator has named it.
            Destinations withMirror = reach.of(credentials.onBehalfOf())
                    .and(List.of(mirror.endpoint().authority()));
            sources.add(new PullSource(client(mirror.endpoint(), meant, withMirror), mirror.repository()));
        }
        sources.add(new PullSource(open(reference.domain(), credentials), reference.path()));
        return sources;
    }

    private RegistryEndpoint endpoint(String domain, Destinations destinations) {
        return own.address(domain)
                .map(address -> new RegistryEndpoint(domain, "http", address))
                .orElseGet(() -> spoken(insecure.endpoint(domain), destinations));
    }

    /**
     * The endpoint with the scheme that the registry speaks. One that plain HTTP is allowed for may still speak TLS, with a
     * certificate that nobody knows; Docker tries both too.
     */
    private RegistryEndpoint spoken(RegistryEndpoint configured, Destinations destinations) {
        if (!configured.plainText()) {
            return configured;
        }
        String known = schemes.get(configured.authority());
        if (known == null) {
            known = speaks(configured, destinations);
            if (known.isEmpty()) {
                return configured; // whoever asks it next says what is wrong
            }
            schemes.put(configured.authority(), known);
        }
        return new RegistryEndpoint(configured.domain(), known, configured.authority());
    }

    /** {@code http}, {@code https}, or empty when nobody answers. */
    private String speaks(RegistryEndpoint configured, Destinations destinations) {
        if (configured.base().getHost() == null) {
            return "";
        }
        Sender probe = new Sender(hosts, limits.once(), destinations);
        RegistryEndpoint secure = new RegistryEndpoint(configured.domain(), "https", configured.authority());
        try {
            HttpResponse<InputStream> plain = probe.sendWithRetries(
                    HttpRequest.newBuilder(configured.base()).GET(), Sender.Repeat.NEVER, null);
            try (InputStream body = plain.body()) {
                boolean wantsTls = plain.statusCode() == 400
                        && new String(body.readNBytes(MAX_ERROR_LENGTH), StandardCharsets.ISO_8859_1).contains("HTTPS");
                if (!wantsTls) {
                    return "http";
                }
            }
        } catch (IOException e) {
            if (e.getCause() instanceof ConnectException || e.getCause() instanceof HttpTimeoutException) {
                return "";
            }
        }
        try (InputStream _ = probe.sendWithRetries(
                        HttpRequest.newBuilder(secure.base()).GET(), Sender.Repeat.NEVER, null)
                .body()) {
            return "https";
        } catch (IOException e) {
            return "";
        }
    }

    /**
     * Looks for repositories of a registry.
     *
     * @param domain as references name it; Docker Hub is asked at its index
     */
    public List<FoundRepository> search(String domain, String term, int limit, RegistryCredentials credentials)
            throws IOException {
        Destinations destinations = destinations(domain, credentials);
        RegistryEndpoint endpoint = domain.equals(ImageReference.DEFAULT_DOMAIN)
                ? new RegistryEndpoint(domain, "https", HUB_INDEX)
                : endpoint(domain, destinations);
        Sender sender = new Sender(hosts, limits, destinations);
        TokenService tokens = new TokenService(sender, endpoint, insecure, own, false);
        RegistryConnection connection = new RegistryConnection(
                endpoint, new RegistryAuthorization(endpoint, credentials.boundTo(endpoint), tokens), sender);
        return new RemoteSearch(connection).search(term, limit);
    }

    /**
     * Checks credentials against the registry that they name.
     *
     * @return the identity token that the registry's token service issued, if it did
     * @throws RegistryException with status 401 when they are refused
     */
    public Optional<String> login(RegistryCredentials credentials) throws IOException {
        Destinations destinations = destinations(credentials.domain(), credentials);
        RegistryEndpoint endpoint = endpoint(credentials.domain(), destinations);
        Sender sender = new Sender(hosts, limits, destinations);
        RegistryCredentials bound = credentials.boundTo(endpoint);
        if (credentials.present() && !bound.present()) {
            throw new RegistryException(
                    401,
                    "",
                    "refusing to send credentials for " + credentials.serverAddress() + " in plain text",
                    null);
        }
        URI uri = endpoint.base();
        HttpResponse<InputStream> first = get(sender, uri, null, Sender.Repeat.UNLESS_REFUSED);
        if (first.statusCode() != 401) {
            return accept(uri, first);
        }
        List<Challenge> challenges = Challenge.parse(first.headers().allValues("WWW-Authenticate"));
        first.body().close();
        for (Challenge challenge : challenges) {
            Optional<String> realm = challenge.parameter("realm");
            if (challenge.scheme().equals("bearer") && realm.isPresent()) {
                BearerToken token = token(sender, endpoint, challenge, realm.get(), bound);
                Optional<String> none = accept(uri, get(sender, uri, "Bearer " + token.value(), Sender.Repeat.ALWAYS));
                return none.or(() -> Optional.ofNullable(token.refreshToken()));
            }
        }
        return accept(uri, get(sender, uri, bound.basic().orElse(null), Sender.Repeat.ALWAYS));
    }

    private BearerToken token(
            Sender sender,
            RegistryEndpoint endpoint,
            Challenge challenge,
            String realm,
            RegistryCredentials credentials)
            throws IOException {
        URI uri = endpoint.base();
        try {
            return new TokenService(sender, endpoint, insecure, OwnRegistries.NONE, true)
                    .fetch(
                            uri.resolve(URI.create(realm)),
                            challenge.parameter("service").orElse(""),
                            Scope.NONE,
                            credentials);
        } catch (IllegalArgumentException e) {
            throw new RegistryException(401, "", "invalid token realm \"" + realm + "\"", e);
        } catch (RegistryException e) {
            throw new RegistryException(e.status(), e.code(), Failures.prefix("GET", uri) + e.text(), e);
        }
    }

    private static HttpResponse<InputStream> get(
            Sender sender, URI uri, @Nullable String authorization, Sender.Repeat repeat) throws IOException {
        Failures.requireHost(uri);
        HttpRequest.Builder request = HttpRequest.newBuilder(uri).GET();
        if (authorization != null) {
            request.header("Authorization", authorization);
        }
        return sender.sendWithRetries(request, repeat, null);
    }

    private static Optional<String> accept(URI uri, HttpResponse<InputStream> response) throws IOException {
        response.body().close();
        if (response.statusCode() == 200) {
            return Optional.empty();
        }
        String status = response.statusCode() == 401 ? "401 Unauthorized" : Integer.toString(response.statusCode());
        throw new RegistryException(
                response.statusCode(), "", "login attempt to " + uri + " failed with status: " + status, null);
    }

    @Override
    public void close() {
        hosts.close();
    }
}
