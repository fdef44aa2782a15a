package io.berth.outgoing;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.NoHttpResponseException;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/** One request under way. Thread-safe; ends with its response's head, whose body is then the caller's to close. */
public final class OutgoingCall {
    private final CloseableHttpClient client;
    private final HttpRequest request;
    private final Destinations destinations;
    private final Duration silence;
    private final CompletableFuture<OutgoingResponse> result = new CompletableFuture<>();
    private volatile @Nullable HttpUriRequestBase sent;

    OutgoingCall(CloseableHttpClient client, HttpRequest request, Destinations destinations, Duration silence) {
        this.client = client;
        this.request = request;
        this.destinations = destinations;
        this.silence = silence;
    }

    /** The response, or the {@link IOException} that there is instead. */
    public CompletableFuture<OutgoingResponse> result() {
        return result;
    }

    /** Ends the call, also when its response has just come. */
    public void giveUp() {
        if (!result.cancel(false) && result.state() == java.util.concurrent.Future.State.SUCCESS) {
            result.resultNow().body().close();
            return;
        }
        HttpUriRequestBase current = sent;
        if (current != null) {
            boolean _ = current.cancel();
        }
    }

    void run() {
        try {
            OutgoingResponse response = exchange();
            if (!result.complete(response)) {
                response.body().close();
            }
        } catch (IOException e) {
            boolean _ = result.completeExceptionally(asOfJava(e));
        } catch (RuntimeException e) {
            boolean _ = result.completeExceptionally(new IOException("invalid request to " + request.uri(), e));
        } catch (Error e) {
            boolean _ =
                    result.completeExceptionally(new IOException("cannot send a request", e)); // nobody waits for ever
            throw e;
        }
    }

    private OutgoingResponse exchange() throws IOException {
        URI uri = request.uri();
        String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
        String host = uri.getHost();
        if (host == null || !(scheme.equals("http") || scheme.equals("https"))) {
            throw new IOException("not the address of an HTTP server: " + uri);
        }
        int port = uri.getPort() >= 0 ? uri.getPort() : scheme.equals("https") ? 443 : 80;
        String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
        IOException failure = new ConnectException("no address");
        for (InetAddress address : destinations.resolve(host, port)) {
            HttpUriRequestBase attempt = request();
            sent = attempt;
            if (result.isDone()) {
                throw new IOException("given up");
            }
            try {
                ClassicHttpResponse response = client.executeOpen(
                        new HttpHost(scheme, address, bare, port), attempt, HttpClientContext.create());
                return OutgoingResponse.of(request, address, attempt, response, silence);
            } catch (ConnectTimeoutException | ConnectException | NoRouteToHostException e) {
                failure = e; // nothing was sent
            }
        }
        throw failure;
    }

    private HttpUriRequestBase request() {
        HttpUriRequestBase translated = new HttpUriRequestBase(request.method(), request.uri());
        request.headers().map().forEach((name, values) -> values.forEach(value -> translated.addHeader(name, value)));
        // The registry that is sent a large body may be long about it; whoever sends one watches it.
        translated.setConfig(RequestConfig.custom()
                .setResponseTimeout(Timeout.of(request.timeout().isPresent() ? silence : silence.multipliedBy(5)))
                .build());
        request.bodyPublisher()
                .filter(body -> body.contentLength() != 0)
                .ifPresent(body -> translated.setEntity(new PublishedBody(body)));
        return translated;
    }

    /** As Java's own client says it, by which callers tell failures from each other. */
    private static IOException asOfJava(IOException failure) {
        IOException known =
                switch (failure) {
                    case ConnectTimeoutException _ -> new HttpConnectTimeoutException("connect timed out");
                    case SocketTimeoutException _ -> new HttpTimeoutException("request timed out");
                    case ConnectException _ -> new ConnectException("connection refused");
                    case NoRouteToHostException _ -> new ConnectException("no route to host");
                    case NoHttpResponseException _ -> new IOException("the server closed the connection");
                    default -> failure;
                };
        return known == failure ? failure : (IOException) known.initCause(failure);
    }
}
