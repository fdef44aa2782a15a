package io.berth.registryclient;

import io.berth.outgoing.DestinationRefused;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.security.cert.CertificateException;
import java.util.Locale;
import javax.net.ssl.SSLException;

/** Words connection failures as Docker does, since users and tools look for those texts. */
final class Failures {
    private Failures() {}

    /** {@code Get "http://host/v2/": }. */
    static String prefix(String method, URI uri) {
        String spoken = method.charAt(0) + method.substring(1).toLowerCase(Locale.ROOT);
        return spoken + " \"" + uri + "\": ";
    }

    /** Nobody can be called what is no host of a URI, such as {@code 127.1}, though references may name it. */
    static void requireHost(URI uri) throws RegistryException {
        if (uri.getHost() == null) {
            throw new RegistryException(
                    0, "", prefix("GET", uri) + "dial tcp: lookup " + uri.getAuthority() + ": no such host", null);
        }
    }

    /** The failure of a request as the exception to show. */
    static RegistryException describe(String method, URI uri, IOException failure) {
        if (failure instanceof RegistryException known) {
            return known;
        }
        return new RegistryException(0, "", prefix(method, uri) + reason(uri, failure), failure);
    }

    private static String reason(URI uri, IOException failure) {
        if (failure instanceof DestinationRefused) {
            return String.valueOf(failure.getMessage());
        }
        if (unresolved(failure)) {
            return "dial tcp: lookup " + uri.getHost() + ": no such host";
        }
        return switch (failure) {
            case HttpConnectTimeoutException _ -> "dial tcp " + address(uri) + ": i/o timeout";
            case HttpTimeoutException _ -> "net/http: timeout awaiting response headers";
            case ConnectException _ -> "dial tcp " + address(uri) + ": connect: connection refused";
            case SSLException tls -> tls(tls);
            default -> {
                String message = failure.getMessage();
                yield message == null || message.isEmpty() ? "EOF" : message;
            }
        };
    }

    private static boolean unresolved(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof UnresolvedAddressException || cause instanceof UnknownHostException) {
                return true;
            }
        }
        return false;
    }

    private static String tls(SSLException failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof CertificateException) {
                return "tls: failed to verify certificate: " + cause.getMessage();
            }
        }
        String message = failure.getMessage() == null ? "" : failure.getMessage();
        return message.contains("Unsupported or unrecognized SSL message")
                ? "http: server gave HTTP response to HTTPS client"
                : "tls: " + message;
    }

    private static String address(URI uri) {
        int port = uri.getPort() >= 0 ? uri.getPort() : "https".equals(uri.getScheme()) ? 443 : 80;
        String host = uri.getHost();
        try {
            String numeric = InetAddress.getByName(host).getHostAddress();
            host = numeric.indexOf(':') >= 0 ? "[" + numeric + "]" : numeric;
        } catch (UnknownHostException e) {
            return host + ":" + port;
        }
        return host + ":" + port;
    }
}
