package io.berth.gateway.listener;

import io.berth.gateway.proxy.Proxy;
import io.berth.gateway.transport.Transport;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Opens the Unix socket and the TCP ports last of all, when everything behind them is ready, and closes them first.
 * Start and stop are called by the container, one at a time.
 */
public final class ClientListeners implements SmartLifecycle {
    private static final Logger LOG = LoggerFactory.getLogger(ClientListeners.class);

    private final Transport transport;
    private final Proxy proxy;
    private final ListenerSettings settings;
    private @Nullable SocketFile socketFile;
    private @Nullable Channel unix;
    private @Nullable Channel tcp;
    private @Nullable Channel tls;
    private @Nullable TlsContexts tlsContexts;

    public ClientListeners(Transport transport, Proxy proxy, ListenerSettings settings) {
        this.transport = transport;
        this.proxy = proxy;
        this.settings = settings;
    }

    /**
     * Opens all listeners or none.
     *
     * @throws IllegalStateException when the socket or a port is another process's, or the certificate cannot be used
     */
    @Override
    public void start() {
        try {
            SocketFile file = SocketFile.take(settings.socket());
            socketFile = file;
            unix = bound(
                    transport
                            .unixServer()
                            .childHandler(proxy.clientInitializer(false, null))
                            .bind(transport.unixAddress(file.bindPath())),
                    settings.socket().toString());
            file.publish(settings.socketGroup());
            tcp = bound(
                    transport
                            .tcpServer()
                            .childHandler(proxy.clientInitializer(true, null))
                            .bind(new InetSocketAddress(settings.bindAddress(), settings.port())),
                    settings.bindAddress() + ":" + settings.port());
            TlsSettings encrypted = settings.tls();
            if (encrypted != null) {
                startTls(encrypted);
            }
        } catch (RuntimeException e) {
            stop();
            throw e;
        }
        LOG.atInfo()
                .addKeyValue("socket", settings.socket())
                .addKeyValue("address", NetUtil.toSocketAddressString(tcpAddress()))
                .addKeyValue("epoll", transport.epoll())
                .log("listening");
    }

    private void startTls(TlsSettings encrypted) {
        TlsContexts contexts = TlsContexts.open(encrypted);
        tlsContexts = contexts;
        tls = bound(
                transport
                        .tcpServer()
                        .childHandler(proxy.clientInitializer(true, contexts::handler))
                        .bind(new InetSocketAddress(encrypted.bindAddress(), encrypted.port())),
                encrypted.bindAddress() + ":" + encrypted.port());
        LOG.atInfo()
                .addKeyValue("address", NetUtil.toSocketAddressString(tlsAddress()))
                .addKeyValue("clientCertificates", encrypted.clientCa() != null)
                .log("listening with tls");
    }

    private static Channel bound(ChannelFuture binding, String what) {
        binding.awaitUninterruptibly();
        if (!binding.isSuccess()) {
            throw new IllegalStateException("cannot listen on " + what, binding.cause());
        }
        return binding.channel();
    }

    /** Where the TCP listener is bound. */
    public InetSocketAddress tcpAddress() {
        return address(tcp);
    }

    /** Where the encrypted listener is bound. */
    public InetSocketAddress tlsAddress() {
        return address(tls);
    }

    private static InetSocketAddress address(@Nullable Channel channel) {
        if (channel == null) {
            throw new IllegalStateException("not listening");
        }
        return (InetSocketAddress) channel.localAddress();
    }

    @Override
    public void stop() {
        close(tls);
        close(tcp);
        close(unix);
        if (tlsContexts != null) {
            tlsContexts.close();
            tlsContexts = null;
        }
        tls = null;
        tcp = null;
        unix = null;
        if (socketFile != null) {
            socketFile.close();
            socketFile = null;
        }
    }

    private static void close(@Nullable Channel channel) {
        if (channel != null) {
            channel.close().awaitUninterruptibly();
        }
    }

    @Override
    public boolean isRunning() {
        return socketFile != null;
    }

    @Override
    public int getPhase() {
        return Integer.MAX_VALUE;
    }
}
