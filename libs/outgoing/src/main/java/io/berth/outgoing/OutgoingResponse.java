package io.berth.outgoing;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import javax.net.ssl.SSLSession;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;

/**
 * A response, as the JDK models it. The caller closes its body.
 *
 * @param address that it came from
 */
public record OutgoingResponse(
        HttpRequest request, InetAddress address, int statusCode, HttpHeaders headers, ResponseBody body)
        implements HttpResponse<InputStream> {

    static OutgoingResponse of(
            HttpRequest request,
            InetAddress address,
            HttpUriRequestBase sent,
            ClassicHttpResponse response,
            Duration silence)
            throws IOException {
        Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (Header header : response.getHeaders()) {
            String name = header.getName().strip();
            if (!name.isEmpty()) {
                headers.computeIfAbsent(name, _ -> new ArrayList<>())
                        .add(header.getValue() == null ? "" : header.getValue());
            }
        }
        HttpEntity entity = response.getEntity();
        ResponseBody body = new ResponseBody(
                entity == null ? InputStream.nullInputStream() : entity.getContent(),
                entity == null ? 0 : entity.getContentLength(),
                () -> {
                    boolean _ = sent.cancel();
                    response.close();
                },
                silence);
        return new OutgoingResponse(
                request, address, response.getCode(), HttpHeaders.of(headers, (_, _) -> true), body);
    }

    @Override
    public Optional<HttpResponse<InputStream>> previousResponse() {
        return Optional.empty();
    }

    @Override
    public Optional<SSLSession> sslSession() {
        return Optional.empty();
    }

    @Override
    public URI uri() {
        return request.uri();
    }

    @Override
    public HttpClient.Version version() {
        return HttpClient.Version.HTTP_1_1;
    }
}
