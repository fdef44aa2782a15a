package io.berth.gateway.listener;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys of the encrypted listener, as their files are now: a change is taken over for new connections, those that are
 * open go on. What cannot be used is logged and the last that could be stays. Thread-safe.
 */
final class TlsContexts implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TlsContexts.class);

    private final TlsSettings settings;
    private final ScheduledExecutorService clock;
    private volatile SslContext current;
    /** Of the clock's thread. */
    private String fingerprint;

    private TlsContexts(TlsSettings settings, String fingerprint, SslContext first) {
        this.settings = settings;
        this.fingerprint = fingerprint;
        this.current = first;
        this.clock = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("tls-reload").factory());
        long millis = settings.reload().toMillis();
        var _ = clock.scheduleWithFixedDelay(this::reload, millis, millis, TimeUnit.MILLISECONDS);
    }

    /**
     * Reads the files.
     *
     * @throws IllegalStateException when they cannot be used
     */
    static TlsContexts open(TlsSettings settings) {
        try {
            return new TlsContexts(settings, fingerprint(settings), context(settings));
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            throw new IllegalStateException("cannot use the TLS certificate " + settings.certificate(), e);
        }
    }

    /** What encrypts one accepted connection. */
    SslHandler handler(ByteBufAllocator allocator) {
        return current.newHandler(allocator);
    }

    private void reload() {
        try {
            String now = fingerprint(settings);
            if (!now.equals(fingerprint)) {
                // Also when it cannot be used: half-written files are looked at again when they change.
                fingerprint = now;
                current = context(settings);
                LOG.atInfo().addKeyValue("certificate", settings.certificate()).log("tls certificate reloaded");
            }
        } catch (IOException | GeneralSecurityException | RuntimeException e) {
            LOG.atError()
                    .setCause(e)
                    .addKeyValue("certificate", settings.certificate())
                    .log("tls certificate cannot be reloaded, the last one stays");
        }
    }

    private static SslContext context(TlsSettings settings) throws IOException {
        SslContextBuilder builder = SslContextBuilder.forServer(
                        settings.certificate().toFile(), settings.key().toFile())
                .sslProvider(SslProvider.JDK)
                .protocols("TLSv1.3", "TLSv1.2")
                .applicationProtocolConfig(new ApplicationProtocolConfig(
                        ApplicationProtocolConfig.Protocol.ALPN,
                        ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                        ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                        ApplicationProtocolNames.HTTP_1_1));
        Path clientCa = settings.clientCa();
        if (clientCa != null) {
            builder.trustManager(clientCa.toFile()).clientAuth(ClientAuth.REQUIRE);
        }
        return builder.build();
    }

    private static String fingerprint(TlsSettings settings) throws IOException, GeneralSecurityException {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        digest.update(Files.readAllBytes(settings.certificate()));
        digest.update(Files.readAllBytes(settings.key()));
        Path clientCa = settings.clientCa();
        if (clientCa != null) {
            digest.update(Files.readAllBytes(clientCa));
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    @Override
    public void close() {
        clock.shutdownNow();
    }
}
