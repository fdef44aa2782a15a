package io.berth.image.transfer.registry;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** Opens registry clients. They share connections but neither credentials nor tokens. Thread-safe; close to end it all. */
public final class RegistryClients implements AutoCloseable {
    private final InsecureRegistries insecure;
    private final HttpClient http;
    private final Sender sender;

    /** @param insecureRegistries hosts and address ranges that are spoken to in plain HTTP */
    public RegistryClients(List<String> insecureRegistries, TransferLimits limits) {
        this.insecure = new InsecureRegistries(insecureRegistries);
        this.http = HttpClient.newBuilder()
                .followRedirects(HttpClient.Redirect.NEVER)
                // Over HTTP/2 all blobs of an image would share one connection and its flow-control window.
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(limits.connectTimeout())
                .executor(Executors.newVirtualThreadPerTaskExecutor())
                .build();
        this.sender = new Sender(http, limits);
    }

    /**
     * A client for the registry that serves a reference's domain.
     *
     * @param credentials sent only if they are meant for that registry
     */
    public RegistryClient open(String domain, RegistryCredentials credentials) {
        RegistryEndpoint endpoint = insecure.endpoint(domain);
        TokenService tokens = new TokenService(sender, endpoint, insecure, false);
        return new RegistryClient(new RegistryConnection(
                endpoint, new RegistryAuthorization(endpoint, credentials.boundTo(endpoint), tokens), sender));
    }

    /**
     * Checks credentials against the registry that they name.
     *
     * @return the identity token that the registry's token service issued, if it did
     * @throws RegistryException with status 401 when they are refused
     */
    public Optional<String> login(RegistryCredentials credentials) throws IOException {
        RegistryEndpoint endpoint = insecure.endpoint(credentials.domain());
        RegistryCredentials bound = credentials.boundTo(endpoint);
        if (credentials.present() && !bound.present()) {
            throw new RegistryException(
                    401,
                    "",
                    "refusing to send credentials for " + credentials.serverAddress() + " in plain text",
                    null);
        }
        URI uri = endpoint.base();
        HttpResponse<InputStream> first = get(uri, null, Sender.Repeat.UNLESS_REFUSED);
        if (first.statusCode() != 401) {
            return accept(uri, first);
        }
        List<Challenge> challenges = Challenge.parse(first.headers().allValues("WWW-Authenticate"));
        first.body().close();
        for (Challenge challenge : challenges) {
            Optional<String> realm = challenge.parameter("realm");
            if (challenge.scheme().equals("bearer") && realm.isPresent()) {
                BearerToken token = token(endpoint, challenge, realm.get(), bound);
                Optional<String> none = accept(uri, get(uri, "Bearer " + token.value(), Sender.Repeat.ALWAYS));
                return none.or(() -> Optional.ofNullable(token.refreshToken()));
            }
        }
        return accept(uri, get(uri, bound.basic().orElse(null), Sender.Repeat.ALWAYS));
    }

    private BearerToken token(
            RegistryEndpoint endpoint, Challenge challenge, String realm, RegistryCredentials credentials)
            throws IOException {
        URI uri = endpoint.base();
        try {
            return new TokenService(sender, endpoint, insecure, true)
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

    private HttpResponse<InputStream> get(URI uri, @Nullable String authorization, Sender.Repeat repeat)
            throws IOException {
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
        http.shutdownNow();
        http.close();
    }
}
