package io.berth.gateway.proxy;

import io.berth.gateway.route.Route;
import io.berth.gateway.route.StreamKind;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;

/** What a backend's response head says of the bytes behind it. */
final class ResponseRules {
    private ResponseRules() {}

    /** Whether the response's end can be told without the end of the connection (RFC 9112, 6.3). */
    static boolean isFramed(HttpMethod asked, HttpResponse head) {
        int status = head.status().code();
        return asked.equals(HttpMethod.HEAD)
                || status == 204
                || status == 304
                || HttpUtil.isContentLengthSet(head)
                || HttpUtil.isTransferEncodingChunked(head);
    }

    /** Docker's older hijack: {@code 200 OK}, a stream's content type and no length (api/server/router/container). */
    static boolean isRawStream(Route route, HttpResponse head) {
        String type = head.headers().get(HttpHeaderNames.CONTENT_TYPE, "");
        return route.streams() == StreamKind.UPGRADE_OR_RAW
                && (type.startsWith("application/vnd.docker.raw-stream")
                        || type.startsWith("application/vnd.docker.multiplexed-stream"));
    }

    /**
     * Whether a service that shuts down has not looked at the request: Tomcat answers 503 without a word and closes
     * (Http11Processor.service), while the services' own errors have a body.
     */
    static boolean isShutdown(HttpResponse head) {
        return head.status().code() == 503
                && !HttpUtil.isKeepAlive(head)
                && HttpUtil.getContentLength(head, -1L) == 0
                && !head.headers().contains(HttpHeaderNames.CONTENT_TYPE);
    }
}
