package io.berth.registry.event;

import io.berth.outgoing.DestinationRefused;
import io.berth.outgoing.Destinations;
import io.berth.outgoing.OutgoingClient;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.springframework.stereotype.Component;

/**
 * Sends one event to one webhook: a POST over HTTP/1.1. Thread-safe.
 *
 * <p>The name is resolved once, and the connection goes to the very address that was checked: a name that means a public
 * address at the check and a private one a moment later gets nowhere. Redirects are failures.
 */
@Component
class WebhookCall implements AutoCloseable {
    /** Stricter than what is fetched: nor is anything told to an address that only stands for an IPv4 address. */
    private static final List<String> NEVER_TOLD = List.of("192.0.0.0/16", "::/8", "2002::/16");

    private final WebhookProperties properties;
    private final Destinations destinations;
    private final OutgoingClient client;

    WebhookCall(WebhookProperties properties) {
        this.properties = properties;
        this.destinations = destinations(properties.allowPrivate());
        this.client = new OutgoingClient(properties.timeout(), properties.timeout());
    }

    static Destinations destinations(boolean allowPrivate) {
        return allowPrivate
                ? Destinations.ANY
                : Destinations.publicAnd(List.of()).without(NEVER_TOLD);
    }

    @Override
    public void close() {
        client.close();
    }

    /**
     * Sends.
     *
     * @param event JSON
     * @throws IOException when the webhook cannot be reached, is at a forbidden address or answers with anything but 2xx
     */
    void send(Webhook.Settings webhook, String eventId, String event) throws IOException {
        byte[] body = event.getBytes(StandardCharsets.UTF_8);
        HttpRequest.Builder request = HttpRequest.newBuilder(webhook.url())
                .timeout(properties.timeout())
                .header("User-Agent", "berth-registry")
                .header("Content-Type", "application/json")
                .header("Berth-Event", eventId)
                .POST(HttpRequest.BodyPublishers.ofByteArray(body));
        if (!webhook.secret().isEmpty()) {
            request.header("Berth-Signature", "sha256=" + signature(webhook.secret(), body));
        }
        HttpResponse<InputStream> response;
        try {
            response = client.send(request.build(), destinations);
        } catch (DestinationRefused e) {
            throw new IOException(
                    "the webhook is at a private address: berth.registry.webhook.allow-private admits it", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("interrupted").initCause(e);
        }
        response.body().close();
        if (response.statusCode() < 200 || response.statusCode() > 299) {
            throw new IOException("the webhook answered " + response.statusCode());
        }
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
