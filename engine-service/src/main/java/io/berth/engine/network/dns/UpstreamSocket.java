package io.berth.engine.network.dns;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A datagram socket to a name server. The kernel gives it what comes from that server's address and port alone; of that it
 * takes what has the id and question of something asked. Questions may be asked while it is still being opened.
 *
 * <p>On the loop's thread only.
 */
final class UpstreamSocket implements SelectorLoop.Handler, Attempt {
    private static final Logger LOG = LoggerFactory.getLogger(UpstreamSocket.class);

    /** Questions after which the port has been used long enough. */
    private static final int WORN = 128;

    private static final int MOST_AT_A_TIME = 32;
    private static final int IDS = 1 << 16;

    private final Upstream server;
    private final Shared shared;
    private final Consumer<UpstreamSocket> ended;
    private final Map<Integer, Forwarding> questions = new HashMap<>();
    private @Nullable DatagramChannel channel;
    private int asked;
    private boolean closed;

    /** @param ended called when the socket has been closed */
    UpstreamSocket(Upstream server, Shared shared, Consumer<UpstreamSocket> ended) {
        this.server = server;
        this.shared = shared;
        this.ended = ended;
    }

    void open(DnsView view) {
        shared.opener().open(SocketOpener.Kind.DATAGRAM, server, view, this::opened, this::failed);
    }

    /** Number of questions that are open. */
    int questions() {
        return questions.size();
    }

    boolean isWorn() {
        return asked >= WORN;
    }

    void ask(Forwarding question) {
        int id = shared.random().nextInt(IDS);
        while (questions.containsKey(id)) {
            id = shared.random().nextInt(IDS);
        }
        questions.put(id, question);
        asked++;
        shared.idleSockets().touch(this);
        question.asking(this, id);
        if (channel != null) {
            send(channel, question);
        }
    }

    private void opened(DatagramChannel made) {
        if (closed) {
            SelectorLoop.close(made);
            return;
        }
        channel = made;
        try {
            shared.loop().register(made, SelectionKey.OP_READ, this);
        } catch (IOException e) {
            failed(e);
        }
        for (Forwarding question : List.copyOf(questions.values())) {
            if (!closed) {
                send(made, question);
            }
        }
    }

    private void send(DatagramChannel to, Forwarding question) {
        try {
            to.write(question.question()); // lost when the buffer is full, as datagrams are
        } catch (IOException e) {
            failed(e);
        }
    }

    @Override
    public void ready(SelectionKey key) {
        ByteBuffer buffer = shared.input();
        try {
            for (int i = 0; i < MOST_AT_A_TIME && channel != null && !closed; i++) {
                if (channel.read(buffer.clear()) <= 0) {
                    return;
                }
                received(buffer.flip());
            }
        } catch (IOException e) {
            failed(e);
        }
    }

    private void received(ByteBuffer response) {
        int id = response.limit() < Wire.HEADER ? -1 : Wire.u16(response, 0);
        Forwarding question = questions.get(id);
        if (question == null || !question.isAnsweredBy(response)) {
            return;
        }
        withdraw(id);
        question.answered(response);
    }

    @Override
    public void withdraw(int id) {
        questions.remove(id);
        if (questions.isEmpty() && isWorn()) {
            close();
        }
    }

    /** It could not be opened, or the kernel has been told that nobody listens at the server's port. */
    private void failed(Exception cause) {
        LOG.atDebug().addKeyValue("server", server.address()).setCause(cause).log("asking a name server failed");
        close();
    }

    /** Closes it; what is still open goes to the next server. */
    void close() {
        if (closed) {
            return;
        }
        closed = true;
        shared.idleSockets().remove(this);
        if (channel != null) {
            SelectorLoop.close(channel);
        }
        ended.accept(this);
        List<Forwarding> open = List.copyOf(questions.values());
        questions.clear();
        open.forEach(Forwarding::next);
    }
}
