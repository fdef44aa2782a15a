package io.berth.gateway.node;

import io.berth.gateway.route.Backend;
import io.berth.unixhttp.UnixHttpClients;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.StreamingHttpOutputMessage;
import org.springframework.web.client.ResourceAccessException;
import org.springframework.web.client.RestClient;

/**
 * Asks a node's services, blocking: for virtual threads. What streams may take any time and be silent for any time; who
 * waits for a small answer brings a limit ({@link Fan}). Thread-safe.
 */
public final class NodeClient {
    /** Silence that is allowed to answers that come whole: longer than any disk usage or prune. */
    private static final Duration SILENCE = Duration.ofMinutes(10);

    private static final Duration ENDLESS = Duration.ofDays(30);
    private static final int MAX_CONNECTIONS = 4096;

    private final Node node;
    private final Map<Backend, RestClient> plain = new EnumMap<>(Backend.class);
    private final Map<Backend, RestClient> endless = new EnumMap<>(Backend.class);

    NodeClient(Node node) {
        this.node = node;
    }

    /** Writes a request's body. */
    public interface Body {
        void writeTo(OutputStream out) throws IOException;
    }

    /** Takes a response; the stream ends with its return. */
    public interface Reader<T> {
        T read(int status, @Nullable String contentType, InputStream body) throws IOException;
    }

    /** Asks for something small. */
    public Answer get(Backend backend, String target) {
        return send("GET", backend, target, Map.of(), null);
    }

    /**
     * Sends a request and reads its whole answer.
     *
     * @param target path and query in canonical form
     * @param headers to send besides the node's credential
     * @throws UncheckedIOException when the node does not answer
     */
    public Answer send(
            String method, Backend backend, String target, Map<String, List<String>> headers, byte @Nullable [] body) {
        return exchange(
                client(plain, backend, SILENCE),
                method,
                target,
                headers,
                body == null ? null : out -> out.write(body),
                (status, type, in) -> Answer.of(node, status, type, in.readAllBytes()));
    }

    /** Sends a request whose body, answer, or both are streams. */
    public <T> T stream(
            String method,
            Backend backend,
            String target,
            Map<String, List<String>> headers,
            @Nullable Body body,
            Reader<T> reader) {
        return exchange(client(endless, backend, ENDLESS), method, target, headers, body, reader);
    }

    private static <T> T exchange(
            RestClient client,
            String method,
            String target,
            Map<String, List<String>> headers,
            @Nullable Body body,
            Reader<T> reader) {
        RestClient.RequestBodySpec request = client.method(HttpMethod.valueOf(method))
                .uri(URI.create("http://localhost" + target))
                .headers(all -> headers.forEach(all::addAll));
        if (body != null) {
            request.body((StreamingHttpOutputMessage.Body) body::writeTo);
        }
        try {
            return request.exchange((_, response) -> reader.read(
                    response.getStatusCode().value(),
                    response.getHeaders().getFirst(HttpHeaders.CONTENT_TYPE),
                    response.getBody()));
        } catch (ResourceAccessException e) {
            throw e.getCause() instanceof IOException cause ? new UncheckedIOException(cause) : e;
        }
    }

    private RestClient client(Map<Backend, RestClient> clients, Backend backend, Duration silence) {
        synchronized (clients) {
            return clients.computeIfAbsent(
                    backend,
                    wanted -> UnixHttpClients.builder(node.socket(wanted), node.key(), silence, MAX_CONNECTIONS)
                            .build());
        }
    }
}
