package io.berth.image.build.source;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Proxy;
import java.net.URL;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.eclipse.jgit.transport.http.HttpConnection;
import org.eclipse.jgit.transport.http.HttpConnectionFactory;
import org.eclipse.jgit.transport.http.JDKHttpConnection;
import org.jspecify.annotations.Nullable;

/**
 * The connections of one fetch. They lead to private addresses only when the first one did, carry credentials only to the host they
 * are for, and bring no more bytes than is allowed altogether.
 */
final class GitHttp implements HttpConnectionFactory {
    private final SourceLimits limits;
    private final Predicate<String> publicHost;
    private final @Nullable String authorization;
    private final AtomicLong received = new AtomicLong();
    private @Nullable URL first;
    private boolean onlyPublic;

    /** @param publicHost whether a host is one that the public reaches */
    GitHttp(SourceLimits limits, Predicate<String> publicHost, @Nullable String authorization) {
        this.limits = limits;
        this.publicHost = publicHost;
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
        boolean isPublic = publicHost.test(url.getHost());
        if (onlyPublic && !isPublic) {
            throw new IOException("redirect from a public to a private address refused: " + url.getHost());
        }
        onlyPublic |= isPublic && !limits.privateRedirects();
        if (first == null) {
            first = url;
        }
        Counted connection = new Counted(url);
        if (authorization != null
                && url.getProtocol().equals(first.getProtocol())
                && url.getHost().equals(first.getHost())
                && url.getPort() == first.getPort()) {
            connection.setRequestProperty("Authorization", authorization);
        }
        return connection;
    }

    private final class Counted extends JDKHttpConnection {
        Counted(URL url) throws IOException {
            super(url, Proxy.NO_PROXY);
        }

        @Override
        public InputStream getInputStream() throws IOException {
            return new FilterInputStream(super.getInputStream()) {
                @Override
                public int read() throws IOException {
                    return count(in.read(), 1) < 0 ? -1 : last;
                }

                private int last;

                private int count(int result, int bytes) throws IOException {
                    last = result;
                    if (result >= 0 && received.addAndGet(bytes) > limits.maxBytes()) {
                        throw new IOException("more than " + limits.maxBytes() + " bytes");
                    }
                    return result;
                }

                @Override
                public int read(byte[] buffer, int offset, int length) throws IOException {
                    int read = in.read(buffer, offset, length);
                    return read < 0 ? read : count(read, read);
                }
            };
        }
    }
}
