package io.berth.image.source;

import io.berth.outgoing.Destinations;
import io.berth.outgoing.OutgoingClient;
import io.berth.outgoing.OutgoingResponse;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.Proxy;
import java.net.URL;
import java.net.http.HttpRequest;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jgit.transport.http.HttpConnection;
import org.eclipse.jgit.transport.http.HttpConnectionFactory;
import org.jspecify.annotations.Nullable;

/**
 * The connections of one fetch: of the repository, of where it redirects to, and of the other repositories that it says it borrows objects
 * from. They lead where the fetch may go, to private addresses only when the first one did, carry credentials only to the host they are for,
 * and bring no more bytes than is allowed altogether.
 */
final class GitHttp implements HttpConnectionFactory {
    private final SourceLimits limits;
    private final OutgoingClient client;
    private final Destinations afterPublic;
    private final @Nullable String authorization;
    private final AtomicLong received = new AtomicLong();
    private @Nullable URL first;
    private Destinations wanted;

    /**
     * How a fetch gets out.
     *
     * @param destinations that it may go to
     * @param afterPublic where it may go after it has been at one of these
     */
    record Ways(OutgoingClient client, Destinations destinations, Destinations afterPublic) {}

    GitHttp(SourceLimits limits, Ways ways, @Nullable String authorization) {
        this.limits = limits;
        this.client = ways.client();
        this.wanted = ways.destinations();
        this.afterPublic = ways.afterPublic();
        this.authorization = authorization;
    }

    @Override
    public HttpConnection create(URL url) throws IOException {
        return create(url, Proxy.NO_PROXY);
    }

    @Override
    public synchronized HttpConnection create(URL url, Proxy proxy) throws IOException {
        String scheme = url.getProtocol().toLowerCase(Locale.ROOT);
        if (!scheme.equals("http") && !scheme.equals("https")) {
            throw new IOException("redirect to " + scheme + " refused");
        }
        if (first == null) {
            first = url;
        }
        GitConnection connection = new GitConnection(url, this::send);
        if (authorization != null
                && url.getProtocol().equals(first.getProtocol())
                && url.getHost().equals(first.getHost())
                && url.getPort() == first.getPort()) {
            connection.setRequestProperty("Authorization", authorization);
        }
        return connection;
    }

    private synchronized GitConnection.Answer send(HttpRequest request, URL url) throws IOException {
        OutgoingResponse response;
        try {
            response = client.send(request, wanted);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("interrupted").initCause(e);
        }
        int port = url.getPort() >= 0 ? url.getPort() : url.getDefaultPort();
        if (!limits.privateRedirects() && afterPublic.allows(url.getHost(), port, response.address())) {
            wanted = afterPublic;
        }
        return new GitConnection.Answer(response, new Counted(response.body()));
    }

    private final class Counted extends FilterInputStream {
        Counted(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            int result = in.read();
            count(result < 0 ? 0 : 1);
            return result;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            int read = in.read(buffer, offset, length);
            count(Math.max(0, read));
            return read;
        }

        private void count(int bytes) throws IOException {
            if (received.addAndGet(bytes) > limits.maxBytes()) {
                throw new IOException("more than " + limits.maxBytes() + " bytes");
            }
        }
    }
}
