package io.berth.engine.network.dns;

import io.berth.linux.fd.Fd;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** A container's view that says what it is told to. Thread-safe. */
final class TestView implements DnsView {
    private final Map<String, List<InetAddress>> addresses = new ConcurrentHashMap<>();
    private final Map<InetAddress, String> names = new ConcurrentHashMap<>();
    private final @Nullable Fd namespace;
    private volatile Upstreams upstreams = Upstreams.NONE;
    private volatile boolean internal;

    /** @param namespace the container's, from which servers can be asked; null when none are */
    TestView(@Nullable Fd namespace) {
        this.namespace = namespace;
    }

    TestView with(String name, String... literals) {
        addresses.put(name, Arrays.stream(literals).map(InetAddress::ofLiteral).toList());
        return this;
    }

    TestView without(String name) {
        addresses.remove(name);
        return this;
    }

    TestView named(String address, String name) {
        names.put(InetAddress.ofLiteral(address), name);
        return this;
    }

    TestView asks(Upstream.Side side, String... servers) {
        upstreams = new Upstreams(
                Arrays.stream(servers)
                        .map(server -> new Upstream(new InetSocketAddress(InetAddress.ofLiteral(server), 53), side))
                        .toList(),
                true);
        return this;
    }

    TestView keepsSingleLabels() {
        upstreams = new Upstreams(upstreams.servers(), false);
        return this;
    }

    TestView internal(boolean is) {
        internal = is;
        return this;
    }

    @Override
    public List<InetAddress> addresses(String name) {
        if (name.equals("failing")) {
            throw new IllegalStateException("made to fail");
        }
        return addresses.getOrDefault(name, List.of());
    }

    @Override
    public Optional<String> name(InetAddress address) {
        return Optional.ofNullable(names.get(address));
    }

    @Override
    public boolean mayForward() {
        return !internal;
    }

    @Override
    public Upstreams upstreams() {
        return upstreams;
    }

    @Override
    public Fd openNamespace() {
        if (namespace == null) {
            throw new IllegalStateException("there is no namespace");
        }
        return namespace.duplicate();
    }
}
