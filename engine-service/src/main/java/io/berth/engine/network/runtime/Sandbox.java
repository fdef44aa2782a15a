package io.berth.engine.network.runtime;

import io.berth.engine.network.dns.DnsSockets;
import io.berth.linux.fd.Fd;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A network namespace for a container, with its interfaces up and their rules in force. Lives as long as somebody is in it or
 * holds a descriptor of it; its interfaces go with it.
 *
 * @param namespace owned by the receiver
 * @param attachments in the order of what was asked for
 * @param nameServer sockets of the container's name server, owned by the receiver; null when it has none
 */
public record Sandbox(
        Fd namespace,
        List<Attachment> attachments,
        @Nullable DnsSockets nameServer) implements AutoCloseable {
    public Sandbox {
        attachments = List.copyOf(attachments);
    }

    @Override
    public void close() {
        namespace.close();
        if (nameServer != null) {
            nameServer.close();
        }
    }
}
