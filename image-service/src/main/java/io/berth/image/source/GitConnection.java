package io.berth.image.source;

import io.berth.outgoing.OutgoingResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.http.HttpRequest;
import java.security.SecureRandom;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.HostnameVerifier;
import javax.net.ssl.KeyManager;
import javax.net.ssl.TrustManager;
import org.eclipse.jgit.transport.http.HttpConnection;
import org.jspecify.annotations.Nullable;

/** One request of JGit's and its response, sent by the client that knows where it may go. Used by one thread. */
final class GitConnection implements HttpConnection {
    private final URL url;
    private final Sending sending;
    private final Map<String, String> headers = new LinkedHashMap<>();
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private String method = "GET";
    private @Nullable Answer answer;

    /** A response and its body. */
    record Answer(OutgoingResponse response, InputStream body) {}

    /** Sends a request. */
    @FunctionalInterface
    interface Sending {
        Answer send(HttpRequest request, URL url) throws IOException;
    }

    GitConnection(URL url, Sending sending) {
        this.url = url;
        this.sending = sending;
    }

    private Answer answer() throws IOException {
        Answer known = answer;
        if (known != null) {
            return known;
        }
        HttpRequest.Builder request;
        try {
            request = HttpRequest.newBuilder(new URI(url.toString()))
                    .method(
                            method,
                            body.size() == 0
                                    ? HttpRequest.BodyPublishers.noBody()
                                    : HttpRequest.BodyPublishers.ofByteArray(body.toByteArray()));
            headers.forEach(request::setHeader);
        } catch (URISyntaxException | IllegalArgumentException e) {
            throw new IOException("invalid address: " + url, e);
        }
        Answer received = sending.send(request.build(), url);
        answer = received;
        return received;
    }

    @Override
    public void connect() throws IOException {
        Answer _ = answer();
    }

    @Override
    public int getResponseCode() throws IOException {
        return answer().response().statusCode();
    }

    @Override
    public URL getURL() {
        return url;
    }

    @Override
    public String getResponseMessage() throws IOException {
        return "status " + getResponseCode();
    }

    @Override
    public Map<String, List<String>> getHeaderFields() {
        Answer known = answer;
        return known == null ? Map.of() : known.response().headers().map();
    }

    @Override
    public @Nullable String getHeaderField(String name) {
        Answer known = answer;
        return known == null
                ? null
                : known.response().headers().firstValue(name).orElse(null);
    }

    @Override
    public List<String> getHeaderFields(String name) {
        Answer known = answer;
        return known == null ? List.of() : known.response().headers().allValues(name);
    }

    @Override
    public @Nullable String getContentType() {
        return getHeaderField("Content-Type");
    }

    @Override
    public int getContentLength() {
        Answer known = answer;
        long length = known == null
                ? -1
                : known.response().headers().firstValueAsLong("Content-Length").orElse(-1);
        return length > Integer.MAX_VALUE ? -1 : (int) length;
    }

    @Override
    public InputStream getInputStream() throws IOException {
        return answer().body();
    }

    @Override
    public OutputStream getOutputStream() {
        return body;
    }

    @Override
    public void setRequestProperty(String name, String value) {
        headers.put(name, value);
    }

    @Override
    public void setRequestMethod(String wanted) {
        method = wanted;
    }

    @Override
    public String getRequestMethod() {
        return method;
    }

    @Override
    public boolean usingProxy() {
        return false;
    }

    @Override
    public void setUseCaches(boolean useCaches) {
        // there are none
    }

    @Override
    public void setConnectTimeout(int millis) {
        // the client has one
    }

    @Override
    public void setReadTimeout(int millis) {
        // the client has one
    }

    @Override
    public void setInstanceFollowRedirects(boolean follow) {
        // JGit follows them itself, with a connection for each
    }

    @Override
    public void setDoOutput(boolean output) {
        // whatever is written is sent
    }

    @Override
    public void setFixedLengthStreamingMode(int length) {
        // what is asked of a server is small, and sent whole
    }

    @Override
    public void setChunkedStreamingMode(int length) {
        // what is asked of a server is small, and sent whole
    }

    @Override
    public void configure(KeyManager[] keys, TrustManager[] trust, SecureRandom random) {
        throw new UnsupportedOperationException("certificates are those that this Java trusts");
    }

    @Override
    public void setHostnameVerifier(HostnameVerifier verifier) {
        throw new UnsupportedOperationException("certificates are those that this Java trusts");
    }
}
