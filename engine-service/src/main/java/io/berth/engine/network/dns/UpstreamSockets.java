package io.berth.engine.network.dns;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The sockets by which a container's questions go to one server.
 *
 * <p>A socket for every question would be safest, since an answer from elsewhere must guess its port; but each takes a thread
 * that enters the namespace. So a socket is used for some questions and then replaced, and questions that are open at the same
 * time are spread over several. On the loop's thread only.
 */
final class UpstreamSockets {
    private static final int MOST_SOCKETS = 8;

    private final Upstream server;
    private final DnsView view;
    private final Shared shared;
    private final Runnable unused;
    private final List<UpstreamSocket> sockets = new ArrayList<>(MOST_SOCKETS);

    /** @param unused called when there is no socket any more */
    UpstreamSockets(Upstream server, DnsView view, Shared shared, Runnable unused) {
        this.server = server;
        this.view = view;
        this.shared = shared;
        this.unused = unused;
    }

    void ask(Forwarding question) {
        UpstreamSocket chosen = leastBusy();
        if (chosen == null || (chosen.questions() > 0 && sockets.size() < MOST_SOCKETS)) {
            chosen = new UpstreamSocket(server, shared, this::closed);
            sockets.add(chosen);
            chosen.open(view);
        }
        chosen.ask(question);
    }

    /** One that is not worn out, as long as there may be another one in its place. */
    private @Nullable UpstreamSocket leastBusy() {
        UpstreamSocket least = null;
        for (UpstreamSocket socket : sockets) {
            if (socket.isWorn() && sockets.size() < MOST_SOCKETS) {
                continue;
            }
            if (least == null || socket.questions() < least.questions()) {
                least = socket;
            }
        }
        return least;
    }

    private void closed(UpstreamSocket socket) {
        sockets.remove(socket);
        if (sockets.isEmpty()) {
            unused.run();
        }
    }

    void close() {
        List.copyOf(sockets).forEach(UpstreamSocket::close);
    }
}
