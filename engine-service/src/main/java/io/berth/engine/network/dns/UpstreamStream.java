package io.berth.engine.network.dns;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A connection to a name server for one question, with its length in two bytes before it. On the loop's thread only. */
final class UpstreamStream implements SelectorLoop.Handler, Attempt {
    private static final Logger LOG = LoggerFactory.getLogger(UpstreamStream.class);
    private static final int PREFIX = 2;
    private static final int IDS = 1 << 16;

    private final Upstream server;
    private final Forwarding question;
    private final Shared shared;
    private final Consumer<UpstreamStream> ended;
    private final ByteBuffer output;
    private final ByteBuffer length = ByteBuffer.allocate(PREFIX);
    private @Nullable ByteBuffer response;
    private @Nullable SocketChannel channel;
    private boolean closed;

    /** @param ended called when the connection has been closed */
    UpstreamStream(Upstream server, Forwarding question, Shared shared, Consumer<UpstreamStream> ended) {
        this.server = server;
        this.question = question;
        this.shared = shared;
        this.ended = ended;
        question.asking(this, shared.random().nextInt(IDS));
        ByteBuffer message = question.question();
        this.output = ByteBuffer.allocate(PREFIX + message.remaining());
        output.putShort((short) message.remaining()).put(message).flip();
    }

    void open(DnsView view) {
        shared.opener().open(SocketOpener.Kind.STREAM, server, view, this::opened, this::failed);
    }

    private void opened(SocketChannel made) {
        if (closed) {
            SelectorLoop.close(made);
            return;
        }
        channel = made;
        try {
            int first = made.isConnected() ? SelectionKey.OP_WRITE : SelectionKey.OP_CONNECT;
            shared.loop().register(made, first, this);
        } catch (IOException e) {
            failed(e);
        }
    }

    @Override
    public void ready(SelectionKey key) {
        try {
            SocketChannel to = (SocketChannel) key.channel();
            if (key.isConnectable() && to.finishConnect()) {
                key.interestOps(SelectionKey.OP_WRITE);
            } else if (key.isWritable()) {
                to.write(output);
                key.interestOps(output.hasRemaining() ? SelectionKey.OP_WRITE : SelectionKey.OP_READ);
            } else if (key.isReadable()) {
                read(to);
            }
        } catch (IOException e) {
            failed(e);
        }
    }

    private void read(SocketChannel from) throws IOException {
        if (from.read(response == null ? length : response) < 0) {
            throw new IOException("the server has ended the connection");
        }
        if (response == null && !length.hasRemaining()) {
            response = ByteBuffer.allocate(Wire.u16(length, 0));
        } else if (response != null && !response.hasRemaining()) {
            received(response.flip());
        }
    }

    private void received(ByteBuffer message) throws IOException {
        if (!question.isAnsweredBy(message)) {
            throw new IOException("the server has answered another question");
        }
        close();
        question.answered(message);
    }

    private void failed(Exception cause) {
        LOG.atDebug().addKeyValue("server", server.address()).setCause(cause).log("asking a name server failed");
        if (!closed) {
            close();
            question.next();
        }
    }

    @Override
    public void withdraw(int id) {
        close();
    }

    /** Closes it; the question stays open. */
    void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (channel != null) {
            SelectorLoop.close(channel);
        }
        ended.accept(this);
    }
}
