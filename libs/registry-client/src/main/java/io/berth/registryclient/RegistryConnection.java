package io.berth.registryclient;

import io.berth.outgoing.Addresses;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Authorised requests to one registry.
 *
 * <p>The {@code Authorization} header goes to the registry's own origin only: a redirect to another scheme, host or port is
 * followed without it, one from HTTPS to plain text or from elsewhere to this machine not at all. Thread-safe.
 */
final class RegistryConnection {
    private static final int MAX_REDIRECTS = 5;
    private static final int MAX_ERROR_LENGTH = 64 * 1024;
    private static final String USER_AGENT = "berth/0.1";

    private final RegistryEndpoint endpoint;
    private final RegistryAuthorization authorization;
    private final Sender sender;
    private final ReentrantLock firstContact = new ReentrantLock();
    private volatile boolean contacted;

    RegistryConnection(RegistryEndpoint endpoint, RegistryAuthorization authorization, Sender sender) {
        this.endpoint = endpoint;
        this.authorization = authorization;
        this.sender = sender;
    }

    RegistryEndpoint endpoint() {
        return endpoint;
    }

    Sender sender() {
        return sender;
    }

    /**
     * A request to be sent.
     *
     * @param headers beside those that every request has
     */
    record Call(
            String method,
            URI uri,
            Scope scope,
            Map<String, String> headers,
            @Nullable Upload body) {
        Call {
            headers = Map.copyOf(headers);
        }

        static Call get(URI uri, Scope scope, Map<String, String> headers) {
            return new Call("GET", uri, scope, headers, null);
        }
    }

    /** A request's body. */
    interface Upload {
        /** A publisher of the whole body, for one attempt. */
        HttpRequest.BodyPublisher publisher();

        /** How far the present attempt has come; as long as this changes the request is not given up. */
        long sent();

        /** A small body. */
        static Upload of(byte[] content) {
            return new Upload() {
                @Override
                public HttpRequest.BodyPublisher publisher() {
                    return HttpRequest.BodyPublishers.ofByteArray(content);
                }

                @Override
                public long sent() {
                    return 0;
                }
            };
        }
    }

    /**
     * Asks the base URI once how the registry wants to be authorised, so that no request with a body is refused for want of a
     * token.
     *
     * @throws RegistryException when nobody answers there
     */
    void contact() throws IOException {
        if (contacted) {
            return;
        }
        try {
            firstContact.lockInterruptibly();
        } catch (InterruptedException e) {
            throw Sender.interrupted(e);
        }
        try {
            if (contacted) {
                return;
            }
            HttpRequest.Builder request = builder(endpoint.base()).GET();
            HttpResponse<InputStream> response = sender.sendWithRetries(request, Sender.Repeat.UNLESS_REFUSED, null);
            try (InputStream body = response.body()) {
                if (response.statusCode() == 401) {
                    authorization.learn(response.headers(), Scope.NONE, null, endpoint.base());
                } else if (response.statusCode() >= 500) {
                    throw RegistryErrors.of(
                            response.statusCode(), response.headers(), body.readNBytes(MAX_ERROR_LENGTH));
                }
            }
            contacted = true;
        } finally {
            firstContact.unlock();
        }
    }

    /**
     * Sends a request, authorised, following redirects when it is a GET or HEAD.
     *
     * @return a response of any status but 401 (unless nothing better can be had); the caller closes its body
     */
    HttpResponse<InputStream> send(Call call, Sender.Repeat repeat) throws IOException {
        contact();
        Scope scope = call.scope();
        String header = authorize(call.uri(), scope);
        HttpResponse<InputStream> response = follow(call, header, repeat);
        if (response.statusCode() != 401 || !endpoint.sameOrigin(call.uri())) {
            return response;
        }
        Scope better = authorization.learn(response.headers(), scope, header, call.uri());
        if (better == null) {
            return response;
        }
        response.body().close();
        return follow(call, authorize(call.uri(), better), repeat);
    }

    private @Nullable String authorize(URI uri, Scope scope) throws IOException {
        if (!endpoint.sameOrigin(uri)) {
            return null;
        }
        try {
            return authorization.header(scope);
        } catch (RegistryException e) {
            throw new RegistryException(e.status(), e.code(), Failures.prefix("GET", endpoint.base()) + e.text(), e);
        }
    }

    private HttpResponse<InputStream> follow(Call call, @Nullable String authorizationHeader, Sender.Repeat repeat)
            throws IOException {
        URI uri = call.uri();
        for (int redirects = 0; ; redirects++) {
            HttpRequest.Builder request = builder(uri);
            call.headers().forEach(request::header);
            if (authorizationHeader != null && endpoint.sameOrigin(uri)) {
                request.header("Authorization", authorizationHeader);
            }
            Upload body = call.body();
            request.method(call.method(), body == null ? HttpRequest.BodyPublishers.noBody() : body.publisher());
            HttpResponse<InputStream> response =
                    to(uri).sendWithRetries(request, repeat, body == null ? null : body::sent);
            if (!redirected(call, response)) {
                return response;
            }
            response.body().close();
            if (redirects == MAX_REDIRECTS) {
                throw new RegistryException(
                        response.statusCode(),
                        "",
                        Failures.prefix(call.method(), call.uri()) + "stopped after " + MAX_REDIRECTS + " redirects",
                        null);
            }
            uri = target(uri, response);
        }
    }

    private Sender to(URI uri) {
        return endpoint.sameOrigin(uri) || Addresses.isLocal(endpoint.base()) ? sender : sender.elsewhere();
    }

    private static boolean redirected(Call call, HttpResponse<?> response) {
        return switch (response.statusCode()) {
            case 301, 302, 303, 307, 308 ->
                (call.method().equals("GET") || call.method().equals("HEAD"))
                        && response.headers().firstValue("Location").isPresent();
            default -> false;
        };
    }

    /** Where a response's {@code Location} leads; checked against being led astray. */
    URI target(URI from, HttpResponse<?> response) throws RegistryException {
        String location = response.headers().firstValue("Location").orElse("");
        URI uri;
        try {
            uri = from.resolve(URI.create(location));
        } catch (IllegalArgumentException e) {
            throw new RegistryException(0, "", "invalid Location from registry: \"" + location + "\"", e);
        }
        String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
        boolean allowed = scheme.equals("https") || (scheme.equals("http") && endpoint.plainText());
        if (!allowed || uri.getHost() == null || uri.getUserInfo() != null) {
            throw new RegistryException(0, "", "refusing Location from registry: \"" + location + "\"", null);
        }
        if (!endpoint.sameOrigin(uri) && Addresses.isLocal(uri) && !Addresses.isLocal(endpoint.base())) {
            throw new RegistryException(
                    0, "", "refusing Location from registry: \"" + location + "\" is an address of this machine", null);
        }
        return uri;
    }

    private static HttpRequest.Builder builder(URI uri) throws RegistryException {
        Failures.requireHost(uri);
        return HttpRequest.newBuilder(uri).header("User-Agent", USER_AGENT);
    }

    /** The exception for a response that is not the wanted one; closes its body. */
    static RegistryException refusal(HttpResponse<InputStream> response) throws IOException {
        try (InputStream body = response.body()) {
            return RegistryErrors.of(response.statusCode(), response.headers(), body.readNBytes(MAX_ERROR_LENGTH));
        }
    }
}
