package io.berth.gateway.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpObjectAggregator;
import java.io.EOFException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Requests of the gateway's own to a Unix socket: each on a connection of its own, with the whole answer in memory. Thread-safe.
 *
 * @param maxAnswer largest body of an answer, in bytes
 * @param limit for the whole call
 */
public record UnixCall(Transport transport, int maxAnswer, Duration limit) {
    /**
     * What came back.
     *
     * @param status of HTTP
     * @param body read as UTF-8
     */
    public record Answer(int status, String body) {}

    /**
     * Sends a request.
     *
     * @return the answer; otherwise why there is none: what connecting failed with, an {@link EOFException}, or a {@link
     *     java.util.concurrent.TimeoutException}
     */
    public CompletableFuture<Answer> send(Path socket, FullHttpRequest request) {
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        ChannelFuture connecting = transport
                .unixClient(transport.nextLoop(), limit)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.config().setAutoRead(true);
                        channel.pipeline()
                                .addLast(
                                        new HttpClientCodec(),
                                        new HttpObjectAggregator(maxAnswer),
                                        new AnswerHandler(answer));
                    }
                })
                .connect(transport.unixAddress(socket));
        connecting.addListener(_ -> {
            Throwable cause = connecting.cause();
            if (cause == null) {
                var _ = connecting.channel().writeAndFlush(request);
            } else {
                request.release();
                answer.completeExceptionally(cause);
            }
        });
        var _ = answer.orTimeout(limit.toMillis(), TimeUnit.MILLISECONDS).whenComplete((_, _) -> {
            var _ = connecting.channel().close();
        });
        return answer;
    }

    private static final class AnswerHandler extends SimpleChannelInboundHandler<FullHttpResponse> {
        private final CompletableFuture<Answer> answer;

        AnswerHandler(CompletableFuture<Answer> answer) {
            this.answer = answer;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, FullHttpResponse response) {
            answer.complete(
                    new Answer(response.status().code(), response.content().toString(StandardCharsets.UTF_8)));
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof ChannelInputShutdownEvent) {
                noAnswer();
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            noAnswer();
        }

        private void noAnswer() {
            answer.completeExceptionally(new EOFException("it closed the connection without an answer"));
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            answer.completeExceptionally(cause);
        }
    }
}
