package io.berth.outgoing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.net.http.HttpRequest;
import java.net.http.HttpTimeoutException;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.io.ManagedHttpClientConnectionFactory;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/1.1 to addresses that were checked: each request says which ones it may go to, its host is looked up once, and the
 * connection goes to an address that the check has seen. Nothing else looks names up, no proxy is used, and redirects are the
 * caller's to follow, by another request. Thread-safe; connections are kept for further requests until closed.
 */
public final class OutgoingClient implements AutoCloseable {
    private static final Duration KEPT_FOR = Duration.ofSeconds(30);
    private static final Duration TRUSTED_FOR = Duration.ofMillis(500);
    private static final int MAX_HEADERS = 1000;
    private static final int MAX_HEADER_LENGTH = 128 * 1024;

    private final Duration connectTimeout;
    private final Duration silence;
    private final @Nullable SSLContext tls;
    private final PoolingHttpClientConnectionManager connections;
    private final CloseableHttpClient client;
    private final AtomicBoolean sweeping = new AtomicBoolean();
    private volatile boolean closed;

    /**
     * Opens nothing yet.
     *
     * @param connectTimeout for each address of a host, and for its TLS handshake
     * @param silence longest time without a byte of a response
     */
    public OutgoingClient(Duration connectTimeout, Duration silence) {
        this(connectTimeout, silence, null);
    }

    /** @param tls certificates to show and to trust; null for those that this Java trusts */
    public OutgoingClient(Duration connectTimeout, Duration silence, @Nullable SSLContext tls) {
        this.connectTimeout = connectTimeout;
        this.silence = silence;
        this.tls = tls;
        this.connections = PoolingHttpClientConnectionManagerBuilder.create()
                .setConnectionFactory(ManagedHttpClientConnectionFactory.builder()
                        .http1Config(Http1Config.custom()
                                .setMaxHeaderCount(MAX_HEADERS)
                                .setMaxLineLength(MAX_HEADER_LENGTH)
                                .build())
                        .build())
                .setDnsResolver(new NoNames())
                .setTlsSocketStrategy((plain, host, port, _, _) -> secured(plain, host, port))
                .setMaxConnPerRoute(Integer.MAX_VALUE)
                .setMaxConnTotal(Integer.MAX_VALUE)
                .setDefaultConnectionConfig(ConnectionConfig.custom()
                        .setConnectTimeout(Timeout.of(connectTimeout))
                        .setValidateAfterInactivity(TimeValue.of(TRUSTED_FOR))
                        .build())
                .build();
        this.client = HttpClientBuilder.create()
                .setConnectionManager(connections)
                .disableAutomaticRetries()
                .disableRedirectHandling()
                .disableAuthCaching()
                .disableCookieManagement()
                .disableContentCompression()
                .disableConnectionState()
                .disableDefaultUserAgent()
                .build();
    }

    /** Addresses come from {@link Destinations}; whatever would look a name up behind its back fails. */
    private static final class NoNames implements DnsResolver {
        @Override
        public InetAddress[] resolve(String host) throws UnknownHostException {
            throw new UnknownHostException(host);
        }

        @Override
        public String resolveCanonicalHostname(String host) {
            return host;
        }
    }

    private SSLSocket secured(Socket plain, String host, int port) throws IOException {
        SSLSocket secure;
        try {
            SSLContext context = tls == null ? SSLContext.getDefault() : tls;
            secure = (SSLSocket) context.getSocketFactory().createSocket(plain, host, port, true);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no TLS", e);
        }
        SSLParameters parameters = secure.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        secure.setSSLParameters(parameters);
        secure.setSoTimeout(Math.toIntExact(connectTimeout.toMillis()));
        secure.startHandshake();
        secure.setSoTimeout(0);
        return secure;
    }

    /**
     * Sends a request and waits for the head of its response. Its time limit is for this; its user information, if any, is not used.
     *
     * @param request with a body that has a known length, or none
     * @param destinations that it may go to
     * @return of any status; closing its body before the end drops the connection
     * @throws DestinationRefused when it may not go there: no connection was made
     * @throws IOException as {@link java.net.http.HttpClient} does, of the same types
     */
    public OutgoingResponse send(HttpRequest request, Destinations destinations)
            throws IOException, InterruptedException {
        OutgoingCall call = start(request, destinations);
        CompletableFuture<OutgoingResponse> result = call.result();
        try {
            return request.timeout().isPresent()
                    ? result.get(request.timeout().get().toMillis(), TimeUnit.MILLISECONDS)
                    : result.get();
        } catch (InterruptedException e) {
            call.giveUp();
            throw e;
        } catch (TimeoutException e) {
            call.giveUp();
            throw (IOException) new HttpTimeoutException("request timed out").initCause(e);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException failure
                    ? failure
                    : new IOException(String.valueOf(e.getCause()), e.getCause());
        }
    }

    /** As {@link #send}, without waiting and without a time limit for it. */
    public OutgoingCall start(HttpRequest request, Destinations destinations) {
        OutgoingCall call = new OutgoingCall(client, request, destinations, silence);
        Thread.ofVirtual().name("outgoing").start(() -> {
            call.run();
            sweepLater();
        });
        return call;
    }

    /** Connections that nobody has used for a while are closed, though nobody asks for another. */
    private void sweepLater() {
        if (closed || !sweeping.compareAndSet(false, true)) {
            return;
        }
        CompletableFuture.delayedExecutor(KEPT_FOR.toMillis(), TimeUnit.MILLISECONDS)
                .execute(() -> {
                    connections.closeIdle(TimeValue.of(KEPT_FOR));
                    sweeping.set(false);
                    var left = connections.getTotalStats();
                    if (left.getAvailable() + left.getLeased() > 0) {
                        sweepLater();
                    }
                });
    }

    @Override
    public void close() {
        closed = true;
        client.close(CloseMode.IMMEDIATE);
        connections.close(CloseMode.IMMEDIATE);
    }
}
