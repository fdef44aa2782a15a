package io.berth.gateway.access;

import io.berth.docker.DockerJson;
import io.berth.docker.error.InvalidParameter;
import io.berth.docker.error.Unavailable;
import io.berth.gateway.transport.Transport;
import io.berth.gateway.transport.UnixCall;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Asks through Docker's socket, the gateway's own, so that an answer is the same as everybody gets, from whichever node. Each
 * question has a connection of its own.
 */
public final class SocketInquiry implements Inquiry {
    private static final int MAX_ANSWER = 8 * 1024 * 1024;
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final UnixCall call;
    private final Path socket;

    public SocketInquiry(Transport transport, Path socket) {
        this.call = new UnixCall(transport, MAX_ANSWER, LIMIT);
        this.socket = socket;
    }

    @Override
    public CompletionStage<Optional<JsonNode>> ask(String method, String path, @Nullable JsonNode body) {
        return call.send(socket, request(method, path, body)).thenApply(SocketInquiry::read);
    }

    private static FullHttpRequest request(String method, String path, @Nullable JsonNode body) {
        ByteBuf content = body == null
                ? Unpooled.EMPTY_BUFFER
                : Unpooled.wrappedBuffer(DockerJson.MAPPER.writeValueAsBytes(body));
        FullHttpRequest request =
                new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.valueOf(method), path, content);
        request.headers()
                .set(HttpHeaderNames.HOST, "localhost")
                .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE)
                .setInt(HttpHeaderNames.CONTENT_LENGTH, content.readableBytes());
        if (body != null) {
            request.headers().set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.APPLICATION_JSON);
        }
        return request;
    }

    private static Optional<JsonNode> read(UnixCall.Answer answer) {
        int status = answer.status();
        if (status == 404) {
            return Optional.empty();
        }
        JsonNode json = DockerJson.MAPPER.readTree(answer.body());
        if (status / 100 == 2) {
            return Optional.of(json);
        }
        String message = json.path("message").asString("no answer");
        // Refusals of the request itself are such as an abbreviated id that several things have.
        throw status / 100 == 4 ? new InvalidParameter(message) : new Unavailable(message);
    }
}
