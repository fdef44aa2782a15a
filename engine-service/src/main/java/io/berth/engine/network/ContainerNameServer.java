package io.berth.engine.network;

import io.berth.engine.network.dns.DnsServer;
import io.berth.engine.network.dns.DnsView;
import io.berth.engine.network.dns.Upstreams;
import io.berth.linux.fd.Fd;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.springframework.stereotype.Component;

/** Gives containers the engine's name server, with what their networks know. */
@Component
final class ContainerNameServer {
    private final DnsServer dns;

    ContainerNameServer(DnsServer dns) {
        this.dns = dns;
    }

    /**
     * Opens the name server of a container that runs and has none, and serves it.
     *
     * @param namespace opens its network namespace; called by threads that may block
     */
    void open(Connections made, Fd inside, Supplier<Fd> namespace) {
        made.sockets(dns.open(inside));
        serve(made, namespace);
    }

    /** Begins to answer, where the container has a name server. */
    void serve(Connections made, Supplier<Fd> namespace) {
        made.sockets().ifPresent(sockets -> dns.serve(sockets, view(made, namespace)));
    }

    private static DnsView view(Connections made, Supplier<Fd> namespace) {
        NameView names = new NameView(made.containerId(), made::networks);
        return new DnsView() {
            @Override
            public List<InetAddress> addresses(String name) {
                return names.addresses(name);
            }

            @Override
            public Optional<String> name(InetAddress address) {
                return names.name(address);
            }

            @Override
            public boolean mayForward() {
                return names.leadsOut();
            }

            @Override
            public Upstreams upstreams() {
                return made.upstreams();
            }

            @Override
            public Fd openNamespace() {
                return namespace.get();
            }
        };
    }
}
