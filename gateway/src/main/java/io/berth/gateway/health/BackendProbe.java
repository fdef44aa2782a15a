package io.berth.gateway.health;

import io.berth.gateway.transport.Transport;
import io.berth.unixhttp.PlatformKey;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpVersion;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.net.ConnectException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Asks one service for {@code /actuator/health} on a connection of its own, past the circuit breaker: health must say how
 * a service is now, not how it was.
 */
final class BackendProbe {
    private static final int MAX_ANSWER = 64 * 1024;
    private static final int MAX_CAUSE = 300;

    private final Transport transport;
    private final PlatformKey key;
    private final Duration limit;

    BackendProbe(Transport transport, PlatformKey key, Duration limit) {
        this.transport = transport;
        this.key = key;
        this.limit = limit;
    }

    /** Never completes exceptionally. */
    CompletableFuture<ServiceState> probe(Path socket) {
        long start = System.nanoTime();
        CompletableFuture<ServiceState> answer = new CompletableFuture<>();
        ChannelFuture connecting = transport
                .unixClient(transport.nextLoop(), limit)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.config().setAutoRead(true);
                        channel.pipeline()
                                .addLast(
                                        new HttpClientCodec(),
                                        new HttpObjectAggregator(MAX_ANSWER),
                                        new AnswerHandler(answer, start));
                    }
                })
                .connect(transport.unixAddress(socket));
        connecting.addListener(_ -> {
            Throwable cause = connecting.cause();
            if (cause == null) {
                var _ = connecting.channel().writeAndFlush(request());
            } else {
                answer.completeExceptionally(cause);
            }
        });
        return answer.orTimeout(limit.toMillis(), TimeUnit.MILLISECONDS)
                .exceptionally(cause -> ServiceState.down(describe(cause), millisSince(start)))
                .whenComplete((_, _) -> {
                    var _ = connecting.channel().close();
                });
    }

    private FullHttpRequest request() {
        FullHttpRequest request = new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/actuator/health");
        request.headers()
                .set(HttpHeaderNames.HOST, "localhost")
                .set(HttpHeaderNames.ACCEPT, "application/json")
                .set(PlatformKey.HEADER, key.headerValue());
        return request;
    }

    private String describe(Throwable cause) {
        return switch (cause) {
            case TimeoutException _ -> "no answer within " + limit.toMillis() + " ms";
            case ConnectException _ -> "nothing listens on its socket";
            case FileNotFoundException _ -> "its socket does not exist";
            default -> String.valueOf(cause.getMessage());
        };
    }

    private static long millisSince(long startNanos) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos);
    }

    private static final class AnswerHandler extends SimpleChannelInboundHandler<FullHttpResponse> {
        private final CompletableFuture<ServiceState> answer;
        private final long start;

        AnswerHandler(CompletableFuture<ServiceState> answer, long start) {
            this.answer = answer;
            this.start = start;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, FullHttpResponse response) {
            int status = response.status().code();
            answer.complete(
                    status == 200
                            ? ServiceState.up(millisSince(start))
                            : ServiceState.down(
                                    "answered " + status + ": " + text(response.content()), millisSince(start)));
        }

        private static String text(ByteBuf body) {
            return body.toString(body.readerIndex(), Math.min(body.readableBytes(), MAX_CAUSE), StandardCharsets.UTF_8);
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof ChannelInputShutdownEvent) {
                answer.completeExceptionally(new EOFException("it closed the connection without an answer"));
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            answer.completeExceptionally(new EOFException("it closed the connection without an answer"));
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            answer.completeExceptionally(cause);
        }
    }
}
