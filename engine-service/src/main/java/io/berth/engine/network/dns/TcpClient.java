package io.berth.engine.network.dns;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Consumer;

/**
 * A connection of a container's. Messages in both directions have their length in two bytes before them (RFC 1035 section
 * 4.2.2); a client may send queries without waiting, and gets the answers as they come (RFC 7766 section 6.2.1.1).
 *
 * <p>One that sends more than it reads is not read from until it has caught up. On the loop's thread only.
 */
final class TcpClient implements Client, SelectorLoop.Handler {
    private static final int PREFIX = 2;
    /** Bytes of a query; real ones have a few hundred. */
    private static final int MOST_QUERY = 4096;

    private static final int MOST_UNANSWERED = 32;
    private static final int MOST_UNSENT = 1 << 17;

    private final SocketChannel channel;
    private final Shared shared;
    private final QueryHandler queries;
    private final Consumer<TcpClient> ended;
    private final ByteBuffer input = ByteBuffer.allocate(PREFIX + MOST_QUERY);
    private final Queue<ByteBuffer> output = new ArrayDeque<>();
    private int unsent;
    private int unanswered;
    private boolean handling;
    /** The client sends no more, but may still read. */
    private boolean finished;

    /** @param ended called when the connection has been closed */
    TcpClient(SocketChannel channel, Shared shared, QueryHandler queries, Consumer<TcpClient> ended) {
        this.channel = channel;
        this.shared = shared;
        this.queries = queries;
        this.ended = ended;
    }

    void begin() throws IOException {
        shared.loop().register(channel, SelectionKey.OP_READ, this);
        shared.idleClients().touch(this);
    }

    @Override
    public void ready(SelectionKey key) {
        try {
            if (key.isWritable()) {
                send();
            }
            if (key.isReadable()) {
                finished = channel.read(input) < 0;
            }
            handleQueries();
            settle();
        } catch (IOException e) {
            close(); // the client has gone
        }
    }

    /** Handles the queries that have come whole: as many as the buffer holds, at most. */
    private void handleQueries() {
        handling = true;
        input.flip();
        while (mayAsk() && input.remaining() >= PREFIX) {
            int length = Wire.u16(input, input.position());
            if (length > MOST_QUERY) {
                finished = true;
                input.position(input.limit());
                break;
            }
            if (input.remaining() < PREFIX + length) {
                break;
            }
            ByteBuffer query = input.slice(input.position() + PREFIX, length);
            input.position(input.position() + PREFIX + length);
            shared.idleClients().touch(this);
            unanswered++;
            if (!queries.received(query, this)) {
                unanswered--;
            }
        }
        input.compact();
        handling = false;
    }

    private boolean mayAsk() {
        return channel.isOpen() && unanswered < MOST_UNANSWERED && unsent < MOST_UNSENT;
    }

    @Override
    public void reply(ByteBuffer response) {
        unanswered--;
        if (!channel.isOpen()) {
            return;
        }
        int length = response.remaining();
        ByteBuffer framed = ByteBuffer.allocate(PREFIX + length);
        framed.putShort((short) length).put(response).flip();
        output.add(framed);
        unsent += framed.remaining();
        try {
            send();
            if (!handling) {
                handleQueries(); // those that had to wait for this answer
                settle();
            }
        } catch (IOException e) {
            close();
        }
    }

    private void send() throws IOException {
        for (ByteBuffer first = output.peek(); first != null; first = output.peek()) {
            unsent -= channel.write(first);
            if (first.hasRemaining()) {
                return;
            }
            output.remove();
        }
    }

    /** Waits for what is to come next, if anything is. */
    private void settle() {
        if (finished && unanswered == 0 && output.isEmpty()) {
            close();
            return;
        }
        SelectionKey key = shared.loop().keyOf(channel);
        if (key != null && key.isValid()) {
            boolean reads = !finished && mayAsk() && input.hasRemaining();
            key.interestOps((reads ? SelectionKey.OP_READ : 0) | (output.isEmpty() ? 0 : SelectionKey.OP_WRITE));
        }
    }

    @Override
    public boolean isStream() {
        return true;
    }

    /** Nothing has been asked for a while: ends, unless it is the servers that take their time. */
    void idle() {
        if (unanswered > 0) {
            shared.idleClients().touch(this);
        } else {
            close();
        }
    }

    void close() {
        if (channel.isOpen()) {
            SelectorLoop.close(channel);
            shared.idleClients().remove(this);
            ended.accept(this);
        }
    }
}
