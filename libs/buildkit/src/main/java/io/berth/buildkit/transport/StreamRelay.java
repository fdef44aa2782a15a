package io.berth.buildkit.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The stream's end of an in-process connection: copies between it and a {@link Connection} until either is over, and then ends
 * both.
 */
final class StreamRelay extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(StreamRelay.class);
    private static final int CHUNK_BYTES = 64 * 1024;
    private static final int STOP_TRIES = 600;
    private static final Duration STOP_PAUSE = Duration.ofMillis(100);
    private static final Object END = new Object();
    private static final Duration PATIENCE = Duration.ofMillis(500);

    /** Holds no more than gRPC's end may have outstanding. */
    private final BlockingQueue<Object> fromGrpc = new LinkedBlockingQueue<>();

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof ByteBuf buffer) {
            ctx.channel().attr(LinkingServerChannel.GRPC_END).get().given(buffer.readableBytes());
            fromGrpc.add(buffer);
        } else {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        fromGrpc.add(END);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        LOG.atDebug().setCause(cause).log("in-process connection failed");
        var _ = ctx.close();
    }

    /**
     * Copies until the connection is over in one direction, which ends the other one, too.
     *
     * @param channel of this handler, connected
     */
    void run(Channel channel, Connection connection) {
        Thread reader = Thread.ofVirtual().name("buildkit-read").start(() -> {
            try {
                read(channel, connection);
            } catch (IOException e) {
                // Tomcat tells the end of input so.
                LOG.atDebug().setCause(e).log("client's stream ended");
            } catch (InterruptedException e) {
                LOG.atDebug().log("client's stream is not read any more");
            } finally {
                var _ = channel.close();
            }
        });
        try {
            write(channel, connection);
        } finally {
            var _ = channel.close();
            end(connection);
            stop(reader);
        }
    }

    /**
     * Ends a reader whose connection is over. Some streams end only when their owner, who waits for this, closes them, and Tomcat's
     * goes back to waiting at an interrupt before that: so it is interrupted until it is gone, and nobody waits for it.
     */
    private static void stop(Thread reader) {
        reader.interrupt();
        Thread.ofVirtual().name("buildkit-stop").start(() -> {
            try {
                for (int i = 0; i < STOP_TRIES && !reader.join(STOP_PAUSE); i++) {
                    reader.interrupt();
                }
            } catch (InterruptedException e) {
                LOG.atDebug().log("reader is left to itself");
            }
        });
    }

    private static void read(Channel channel, Connection connection) throws IOException, InterruptedException {
        byte[] chunk = new byte[CHUNK_BYTES];
        for (int count = connection.input().read(chunk);
                count >= 0;
                count = connection.input().read(chunk)) {
            ByteBuf copy = channel.alloc().buffer(count).writeBytes(chunk, 0, count);
            // All ends live on one event loop, so what has been written here has been read there.
            if (!channel.writeAndFlush(copy).await().isSuccess()) {
                return;
            }
        }
    }

    private void write(Channel channel, Connection connection) {
        boolean broken = false;
        try {
            for (Object next = next(channel); next != END; next = next(channel)) {
                ByteBuf buffer = (ByteBuf) next;
                int bytes = buffer.readableBytes();
                if (!broken && !copy(buffer, connection.output())) {
                    broken = true;
                    var _ = channel.close();
                }
                buffer.release();
                channel.attr(LinkingServerChannel.GRPC_END).get().taken(bytes);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** What comes next. An event loop that ends may have no time to tell of its channels' ends, so that is looked at now and then. */
    private Object next(Channel channel) throws InterruptedException {
        while (true) {
            Object next = fromGrpc.poll(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            if (next != null) {
                return next;
            }
            if (!channel.isOpen() || channel.eventLoop().isShuttingDown()) {
                return END;
            }
        }
    }

    private boolean copy(ByteBuf buffer, OutputStream out) {
        try {
            buffer.readBytes(out, buffer.readableBytes());
            Object follows = fromGrpc.peek();
            if (follows == null || follows == END) {
                out.flush();
            }
            return true;
        } catch (IOException e) {
            LOG.atDebug().setCause(e).log("client's stream takes no more");
            return false;
        }
    }

    private static void end(Connection connection) {
        try {
            connection.ended().close();
        } catch (IOException e) {
            LOG.atDebug().setCause(e).log("client's stream was over before");
        }
    }
}
