package io.berth.unixhttp;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.WWWAuthenticationProtocolHandler;
import org.eclipse.jetty.client.transport.HttpClientTransportOverHTTP;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.io.Transport;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.springframework.http.client.JettyClientHttpRequestFactory;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.support.RestClientAdapter;
import org.springframework.web.service.invoker.HttpServiceProxyFactory;

/**
 * Clients for the platform's other services.
 *
 * <p>A client holds a small thread pool and pooled connections for as long as the process lives; make one per service and
 * keep it.
 */
public final class UnixHttpClients {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);
    /** How long a response may take as a whole, which Spring's factory wants to be limited: longer than any build or commit. */
    private static final Duration LONGEST_RESPONSE = Duration.ofDays(30);

    private static final int THREADS = 8;
    private static final int MAX_CONNECTIONS = 64;

    private UnixHttpClients() {}

    /**
     * A client that speaks HTTP/1.1 over a Unix socket and sends the platform credential with each request.
     *
     * @param socket of the service
     * @param key the platform credential
     * @param readTimeout longest silence, before and within a response; one that keeps coming may take any time. A caller that does not
     *     read for that long is not silence.
     */
    public static RestClient.Builder builder(Path socket, PlatformKey key, Duration readTimeout) {
        return builder(socket, key, readTimeout, MAX_CONNECTIONS);
    }

    /**
     * The same with another limit.
     *
     * @param maxConnections how many requests may be under way; further ones wait
     */
    public static RestClient.Builder builder(Path socket, PlatformKey key, Duration readTimeout, int maxConnections) {
        ClientConnector connector = new ClientConnector();
        connector.setSelectors(1);
        QueuedThreadPool threads = new QueuedThreadPool(THREADS, 1);
        threads.setName("unix-http-client");
        threads.setDaemon(true);
        connector.setExecutor(threads);
        HttpClient client = new UnixHttpClient(connector, new Transport.TCPUnix(socket), readTimeout);
        client.setMaxConnectionsPerDestination(maxConnections);
        JettyClientHttpRequestFactory requests = new JettyClientHttpRequestFactory(client);
        requests.setConnectTimeout(CONNECT_TIMEOUT);
        requests.setReadTimeout(LONGEST_RESPONSE);
        return RestClient.builder()
                .baseUrl("http://localhost")
                .defaultHeader(PlatformKey.HEADER, key.headerValue())
                .requestInitializer(new RequestIds())
                .requestFactory(requests);
    }

    /** A proxy that implements an {@code @HttpExchange} interface by calls through the client. */
    public static <T> T proxy(RestClient client, Class<T> contract) {
        return HttpServiceProxyFactory.builderFor(RestClientAdapter.create(client))
                .build()
                .createClient(contract);
    }

    /** Sends every request through one Unix socket, whatever host its URI names. */
    @SuppressWarnings("try") // Jetty's close() may be interrupted; this client lives as long as the process
    private static final class UnixHttpClient extends HttpClient {
        private final Transport transport;
        private final long silenceMillis;

        UnixHttpClient(ClientConnector connector, Transport transport, Duration silence) {
            super(new HttpClientTransportOverHTTP(connector));
            this.transport = transport;
            this.silenceMillis = silence.toMillis();
        }

        /** Jetty would break off the request's body when the answer is 401, to ask again with a login; what calls here has none. */
        @Override
        protected void doStart() throws Exception {
            super.doStart();
            var _ = getProtocolHandlers().remove(WWWAuthenticationProtocolHandler.NAME);
        }

        @Override
        public Request newRequest(URI uri) {
            return super.newRequest(uri).transport(transport).idleTimeout(silenceMillis, TimeUnit.MILLISECONDS);
        }
    }
}
