package io.berth.registry.event;

import io.berth.registryclient.Addresses;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.springframework.stereotype.Component;

/**
 * Sends one event to one webhook: a POST over HTTP/1.1 on a connection of its own. Thread-safe.
 *
 * <p>The name is resolved once, and the connection goes to the very address that was checked: a name that means a public
 * address at the check and a private one a moment later gets nowhere. Redirects are failures.
 */
@Component
class WebhookCall {
    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.[01] (\\d{3})(?: .*)?");

    private static final List<String> NEVER_TOLD = List.of("192.0.0.0/16", "::/8", "2002::/16");

    private final WebhookProperties properties;

    WebhookCall(WebhookProperties properties) {
        this.properties = properties;
    }

    /**
     * Sends.
     *
     * @param event JSON
     * @throws IOException when the webhook cannot be reached, is at a forbidden address or answers with anything but 2xx
     */
    void send(Webhook.Settings webhook, String eventId, String event) throws IOException {
        URI url = webhook.url();
        boolean tls = "https".equals(url.getScheme());
        int port = url.getPort() >= 0 ? url.getPort() : tls ? 443 : 80;
        int timeout = Math.toIntExact(properties.timeout().toMillis());
        try (Socket plain = new Socket()) {
            plain.connect(new InetSocketAddress(address(url.getHost()), port), timeout);
            plain.setSoTimeout(timeout);
            if (tls) {
                try (Socket secure = secured(plain, url.getHost(), port)) {
                    exchange(secure, webhook, eventId, event);
                }
            } else {
                exchange(plain, webhook, eventId, event);
            }
        }
    }

    private InetAddress address(String host) throws IOException {
        String name = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
        InetAddress[] all = InetAddress.getAllByName(name);
        for (InetAddress address : all) {
            if (!properties.allowPrivate() && !isPublic(address)) {
                throw new IOException(
                        "the webhook is at a private address: berth.registry.webhook.allow-private admits it");
            }
        }
        return all[0];
    }

    /** Stricter than what is fetched: nor is anything told to an address that only stands for an IPv4 address. */
    static boolean isPublic(InetAddress address) {
        return !Addresses.isPrivate(address)
                && NEVER_TOLD.stream().noneMatch(range -> Addresses.inRange(address, range));
    }

    private static Socket secured(Socket plain, String host, int port) throws IOException {
        SSLSocket secure =
                (SSLSocket) ((SSLSocketFactory) SSLSocketFactory.getDefault()).createSocket(plain, host, port, true);
        SSLParameters parameters = secure.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        secure.setSSLParameters(parameters);
        secure.startHandshake();
        return secure;
    }

    private static void exchange(Socket socket, Webhook.Settings webhook, String eventId, String event)
            throws IOException {
        byte[] body = event.getBytes(StandardCharsets.UTF_8);
        URI url = webhook.url();
        String path = url.getRawPath() == null || url.getRawPath().isEmpty() ? "/" : url.getRawPath();
        String query = url.getRawQuery() == null ? "" : "?" + url.getRawQuery();
        String signature = webhook.secret().isEmpty()
                ? ""
                : "Berth-Signature: sha256=" + signature(webhook.secret(), body) + "\r\n";
        String head = "POST " + path + query + " HTTP/1.1\r\n"
                + "Host: " + url.getRawAuthority() + "\r\n"
                + "User-Agent: berth-registry\r\n"
                + "Content-Type: application/json\r\n"
                + "Content-Length: " + body.length + "\r\n"
                + "Berth-Event: " + eventId + "\r\n"
                + signature
                + "Connection: close\r\n\r\n";
        OutputStream out = socket.getOutputStream();
        out.write(head.getBytes(StandardCharsets.US_ASCII));
        out.write(body);
        out.flush();
        int status = status(socket);
        if (status < 200 || status > 299) {
            throw new IOException("the webhook answered " + status);
        }
    }

    private static int status(Socket socket) throws IOException {
        BufferedReader reader =
                new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
        StringBuilder line = new StringBuilder();
        for (int c; (c = reader.read()) >= 0 && c != '\r' && c != '\n' && line.length() < 200; ) {
            line.append((char) c);
        }
        Matcher status = STATUS.matcher(line);
        if (!status.matches()) {
            throw new IOException("the webhook did not answer with HTTP");
        }
        return Integer.parseInt(status.group(1));
    }

    private static String signature(String secret, byte[] body) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), mac.getAlgorithm()));
            return HexFormat.of().formatHex(mac.doFinal(body));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java has no HmacSHA256", e);
        }
    }
}
