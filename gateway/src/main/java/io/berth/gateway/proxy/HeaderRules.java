package io.berth.gateway.proxy;

import io.berth.docker.error.InvalidParameter;
import io.berth.docker.error.NotImplemented;
import io.berth.gateway.access.Arrival;
import io.berth.gateway.access.Call;
import io.berth.gateway.access.Identity;
import io.berth.gateway.access.IdentityHeader;
import io.berth.gateway.access.Ruling;
import io.berth.gateway.route.Backend;
import io.berth.gateway.route.RequestTarget;
import io.berth.gateway.route.Route;
import io.berth.unixhttp.PlatformKey;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which headers cross the gateway. Everything by which a client could claim to be somebody, to come from somewhere or to
 * be the platform itself is removed, in every spelling that some server reads as the same name, and set anew.
 */
final class HeaderRules {
    private static final Set<HttpMethod> METHODS = Set.of(
            HttpMethod.GET,
            HttpMethod.HEAD,
            HttpMethod.POST,
            HttpMethod.PUT,
            HttpMethod.DELETE,
            HttpMethod.PATCH,
            HttpMethod.OPTIONS);
    private static final Set<String> IDENTITY = Set.of(
            "forwarded",
            "remote-user",
            "x-real-ip",
            "x-remote-user",
            "x-client-ip",
            "x-original-url",
            "x-rewrite-url",
            "x-http-method-override");
    private static final List<String> IDENTITY_PREFIXES =
            List.of("berth-", "x-berth-", "x-forwarded", "x-auth-request-");
    private static final Set<String> HOP_BY_HOP =
            Set.of("connection", "keep-alive", "proxy-connection", "te", "trailer", "upgrade", "http2-settings");
    /** Removing one of these because a Connection header names it would change how the message is framed or routed. */
    private static final Set<String> NEVER_NOMINATED = Set.of("content-length", "transfer-encoding", "host");

    /** Docker clients on Unix sockets send the socket's escaped path or nothing. */
    private static final Pattern HOST_CHARACTERS = Pattern.compile("[A-Za-z0-9._~%:\\[\\]-]*");

    private static final Pattern HOST = Pattern.compile("[A-Za-z0-9._-]+(:\\d{1,5})?|\\[[0-9A-Fa-f:.]+](:\\d{1,5})?");

    /** Tells the registry that a client may open Docker's Unix socket, and so is an operator of this machine. */
    private static final String LISTENER = "Berth-Listener";

    /** Shown by pages of the dashboard with each change. */
    private static final String CSRF = "X-CSRF-Token";

    private final String platformKey;

    HeaderRules(PlatformKey key) {
        this.platformKey = key.headerValue();
    }

    /**
     * Refuses what no backend has.
     *
     * @throws NotImplemented when the method is none that is forwarded
     */
    static void checkMethod(HttpRequest request) {
        if (!METHODS.contains(request.method())) {
            throw new NotImplemented("method " + request.method() + " is not supported");
        }
    }

    /** A server must take {@code http://host/path} too (RFC 9112, 3.2.2); the Host header keeps deciding the host. */
    static String originForm(String uri) {
        if (!uri.regionMatches(true, 0, "http://", 0, 7)) {
            return uri;
        }
        int slash = uri.indexOf('/', 7);
        return slash < 0 ? "/" : uri.substring(slash);
    }

    /**
     * Refuses requests whose framing or addressee could be read in two ways. The codec has already refused a
     * Content-Length beside a Transfer-Encoding, repeated lengths and malformed header lines.
     *
     * @throws InvalidParameter when the request is refused
     */
    static void checkFraming(HttpRequest request) {
        HttpHeaders headers = request.headers();
        List<String> encodings = headers.getAll(HttpHeaderNames.TRANSFER_ENCODING);
        if (!encodings.isEmpty()
                && (encodings.size() > 1 || !HttpHeaderValues.CHUNKED.contentEqualsIgnoreCase(encodings.getFirst()))) {
            throw new InvalidParameter("unsupported Transfer-Encoding");
        }
        // The codec reads an unframed body of 8 bytes behind the handshake of the oldest websocket draft.
        if (headers.contains("Sec-WebSocket-Key1") || headers.contains("Sec-WebSocket-Key2")) {
            throw new InvalidParameter("unsupported websocket version");
        }
        List<String> hosts = headers.getAll(HttpHeaderNames.HOST);
        if (hosts.size() > 1
                || (hosts.isEmpty() && request.protocolVersion().equals(HttpVersion.HTTP_1_1))
                || (!hosts.isEmpty()
                        && !HOST_CHARACTERS.matcher(hosts.getFirst()).matches())) {
            throw new InvalidParameter("exactly one well-formed Host header is required");
        }
    }

    /**
     * The request as the gate sees it.
     *
     * @throws InvalidParameter when it shows two credentials
     */
    static Call call(HttpRequest request, Arrival arrival, RequestTarget target, Route route) {
        HttpHeaders headers = request.headers();
        String authorization = headers.get(HttpHeaderNames.AUTHORIZATION);
        if (authorization != null
                && headers.getAll(HttpHeaderNames.AUTHORIZATION).size() > 1) {
            throw new InvalidParameter("at most one Authorization header is allowed");
        }
        return new Call(
                arrival,
                request.method().name(),
                target,
                route,
                authorization,
                arrival.tcp() ? headers.get(HttpHeaderNames.COOKIE) : null,
                arrival.tcp() ? headers.get(CSRF) : null);
    }

    /**
     * The protocol that the request asks to switch to, or null. Must be asked before {@link #forward}.
     */
    static @Nullable String upgrade(HttpRequest request) {
        HttpHeaders headers = request.headers();
        return headers.containsValue(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE, true)
                ? headers.get(HttpHeaderNames.UPGRADE)
                : null;
    }

    /**
     * Turns a client's request head into the one that is sent to the backend. A credential that has been used up goes no further.
     */
    void forward(HttpRequest request, Backend backend, Arrival arrival, Ruling.Pass pass, @Nullable String upgrade) {
        HttpHeaders headers = request.headers();
        String host = headers.get(HttpHeaderNames.HOST, "");
        removeNominated(headers);
        removeListed(headers);
        if (upgrade != null) {
            headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE);
            headers.set(HttpHeaderNames.UPGRADE, upgrade);
        }
        // Docker clients put a socket path or nothing into Host; the registry needs what the client said.
        if (backend != Backend.REGISTRY && !HOST.matcher(host).matches()) {
            host = "localhost";
            headers.set(HttpHeaderNames.HOST, host);
        }
        headers.set(PlatformKey.HEADER, platformKey);
        if (!arrival.tcp()) {
            headers.set(LISTENER, "socket");
        }
        if (pass.authorized()) {
            headers.remove(HttpHeaderNames.AUTHORIZATION);
        }
        headers.remove(HttpHeaderNames.COOKIE);
        headers.remove(CSRF);
        Identity caller = pass.caller();
        if (caller != null && (backend == Backend.PLATFORM || hasCredential(caller))) {
            headers.set(IdentityHeader.NAME, IdentityHeader.format(caller));
        }
        headers.set("X-Forwarded-For", arrival.address());
        headers.set("X-Forwarded-Proto", arrival.encrypted() ? "https" : "http");
        headers.set("X-Forwarded-Host", host);
        request.setProtocolVersion(HttpVersion.HTTP_1_1);
    }

    /** Without one, the other services know from the listener alone whom to trust. */
    private static boolean hasCredential(Identity caller) {
        return caller.source() != Identity.Source.SOCKET && caller.source() != Identity.Source.OPEN;
    }

    /** What a request's line and headers take on the wire. */
    static long size(HttpRequest request) {
        long size = request.method().name().length() + (long) request.uri().length() + 12;
        for (Iterator<Map.Entry<CharSequence, CharSequence>> all =
                        request.headers().iteratorCharSequence();
                all.hasNext(); ) {
            Map.Entry<CharSequence, CharSequence> header = all.next();
            size += header.getKey().length() + header.getValue().length() + 4;
        }
        return size;
    }

    /**
     * An absolute {@code Location} of a backend names the backend as the gateway has called it, which may not be how the
     * client calls the gateway; a path leads to the same place seen from anywhere.
     *
     * @param host that the backend was called by
     */
    static void relocate(HttpHeaders headers, @Nullable String host) {
        String location = headers.get(HttpHeaderNames.LOCATION);
        if (location == null || location.startsWith("/")) {
            return;
        }
        int authority = location.indexOf("://") + 3;
        int path = location.indexOf('/', authority);
        if (authority > 3
                && path > 0
                && (location.substring(authority, path).equalsIgnoreCase(host)
                        || location.substring(authority, path).equals("localhost"))) {
            headers.set(HttpHeaderNames.LOCATION, location.substring(path));
        }
    }

    /** Removes from a backend's response what concerns only the connection to the backend. */
    static void giveBack(HttpResponse response) {
        HttpHeaders headers = response.headers();
        removeNominated(headers);
        for (String name : HOP_BY_HOP) {
            headers.remove(name);
        }
        headers.remove(PlatformKey.HEADER);
    }

    private static void removeListed(HttpHeaders headers) {
        List<CharSequence> removed = new ArrayList<>(4);
        for (Iterator<Map.Entry<CharSequence, CharSequence>> all = headers.iteratorCharSequence(); all.hasNext(); ) {
            CharSequence name = all.next().getKey();
            if (isRemoved(name)) {
                removed.add(name);
            }
        }
        for (CharSequence name : removed) {
            headers.remove(name);
        }
    }

    private static void removeNominated(HttpHeaders headers) {
        for (String value : headers.getAll(HttpHeaderNames.CONNECTION)) {
            for (String name : value.split(",", -1)) {
                String nominated = name.strip().toLowerCase(Locale.ROOT);
                if (!nominated.isEmpty() && !NEVER_NOMINATED.contains(nominated)) {
                    headers.remove(nominated);
                }
            }
        }
    }

    private static boolean isRemoved(CharSequence name) {
        char first = Character.toLowerCase(name.charAt(0));
        // Most headers are none of these: decide by the first letter before making strings.
        if ("bcfhkprtux".indexOf(first) < 0) {
            return false;
        }
        String normal = name.toString().toLowerCase(Locale.ROOT).replace('_', '-');
        if (HOP_BY_HOP.contains(normal) || IDENTITY.contains(normal)) {
            return true;
        }
        for (String prefix : IDENTITY_PREFIXES) {
            if (normal.startsWith(prefix)) {
                return true;
            }
        }
        // A framing header in an alias spelling: "content_length", "transfer_encoding".
        return name.toString().indexOf('_') >= 0 && NEVER_NOMINATED.contains(normal);
    }
}
