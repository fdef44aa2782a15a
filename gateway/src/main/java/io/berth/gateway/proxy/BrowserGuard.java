package io.berth.gateway.proxy;

import io.berth.docker.error.Forbidden;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.NetUtil;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Keeps web pages of other origins away from the TCP listener, which any page in a local browser can reach: against
 * cross-site requests the {@code Origin} must be the gateway's own, and against DNS rebinding the {@code Host} must be an
 * IP address, {@code localhost} or a configured name. Programs (docker, curl, skopeo, SDKs) send no Origin and are not
 * concerned. The Unix socket is not reachable for pages and not guarded.
 */
final class BrowserGuard {
    private static final String FETCH_MODE = "Sec-Fetch-Mode";
    private static final String NAVIGATE = "navigate";

    /** All that a Host may be (RFC 9110, 7.2): what only begins like an address or a name is neither. */
    private static final Pattern AUTHORITY =
            Pattern.compile("(?:\\[(?<literal>[0-9A-Fa-f:.]+)]|(?<name>[A-Za-z0-9._-]+))(?::(?<port>[0-9]{0,5}))?");

    private static final int MAX_PORT = 65_535;

    private final Set<String> names;

    /**
     * @param names host names, lower case, that clients may use besides addresses and {@code localhost}
     */
    BrowserGuard(Set<String> names) {
        this.names = Set.copyOf(names);
    }

    /**
     * @param ownPage whether the request is for one of the gateway's own pages, which other sites may link to
     * @param tls whether the connection is encrypted
     * @throws Forbidden when the request may come from a foreign page
     */
    void check(HttpHeaders headers, boolean ownPage, boolean tls) {
        String host = headers.get(HttpHeaderNames.HOST);
        // Docker's client leaves the name of a connection that it takes over (POST /grpc) empty; a browser always sends
        // one.
        if (host != null && !host.isEmpty() && !isOwnName(host)) {
            throw new Forbidden("the host name is not allowed: use an address, localhost or a configured name");
        }
        String origin = headers.get(HttpHeaderNames.ORIGIN);
        if (origin != null
                && (host == null
                        || host.isEmpty()
                        || !origin.equalsIgnoreCase((tls ? "https://" : "http://") + host))) {
            throw new Forbidden("requests of foreign web pages are not allowed");
        }
        String site = headers.get("Sec-Fetch-Site");
        if (site != null && !site.equals("same-origin") && !site.equals("none") && !isLink(headers, ownPage)) {
            throw new Forbidden("requests of foreign web pages are not allowed");
        }
    }

    /**
     * Whether a script of a page asks, and not a person who opens one: such a request must not be challenged, or the browser
     * shows a login of its own over the page's (Fetch standard, 4.5, HTTP-network-or-cache fetch).
     */
    static boolean isByPage(HttpHeaders headers) {
        String mode = headers.get(FETCH_MODE);
        return mode != null && !mode.equals(NAVIGATE);
    }

    private static boolean isLink(HttpHeaders headers, boolean ownPage) {
        return ownPage && NAVIGATE.equals(headers.get(FETCH_MODE));
    }

    private boolean isOwnName(String host) {
        Matcher authority = AUTHORITY.matcher(host);
        if (!authority.matches() || !isPort(authority.group("port"))) {
            return false;
        }
        String literal = authority.group("literal");
        if (literal != null) {
            return NetUtil.isValidIpV6Address(literal);
        }
        String name = authority.group("name").toLowerCase(Locale.ROOT);
        return name.equals("localhost")
                || name.endsWith(".localhost")
                || NetUtil.isValidIpV4Address(name)
                || names.contains(name);
    }

    private static boolean isPort(@Nullable String digits) {
        return digits == null || digits.isEmpty() || Integer.parseInt(digits) <= MAX_PORT;
    }
}
