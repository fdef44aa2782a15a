package io.berth.compat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A platform whose gateway has every setting that its suites need: short limits, an encrypted listener, traces. It is started by the first
 * of them and ends with the tests.
 */
final class GatewayPlatform {
    static final int PORT = 2381;
    static final int TLS_PORT = 2382;
    /** Of the routes of networks, images and the registry; the others have the usual ones. */
    static final Duration LIMIT = Duration.ofSeconds(2);

    private static @Nullable GatewayPlatform started;

    private final BerthInstance berth;
    private final Path certificates;

    private GatewayPlatform(BerthInstance berth, Path certificates) {
        this.berth = berth;
        this.certificates = certificates;
    }

    static synchronized GatewayPlatform running() {
        GatewayPlatform known = started;
        if (known == null) {
            known = start();
            started = known;
        }
        return known;
    }

    private static GatewayPlatform start() {
        Path certificates = temporary();
        // The launcher may be preparing the platform of another suite, for which it has to wait.
        Running.run(
                        List.of(
                                BerthInstance.launcherScript().toString(),
                                "certs",
                                certificates.toString(),
                                "localhost,127.0.0.1",
                                "anna,ben"),
                        Map.of("BERTH_BUILD", "never"),
                        new byte[0],
                        Duration.ofMinutes(5))
                .ok();
        Map<String, String> settings = new HashMap<>();
        settings.put("BERTH_REGISTRY_ACCESS", "open");
        // On a busy machine a service takes long to start; nobody may give up on it before.
        settings.put("BERTH_GATEWAY_TIMEOUTS_RESTART", "150s");
        for (String route : List.of("NETWORKS", "IMAGES", "REGISTRY")) {
            settings.put("BERTH_GATEWAY_TIMEOUTS_ROUTES_" + route, LIMIT.toMillis() + "ms");
        }
        settings.put("BERTH_GATEWAY_BREAKER_WINDOW", "4");
        settings.put("BERTH_GATEWAY_BREAKER_MINIMUMCALLS", "4");
        // One JSON object in a line, one line at least for each request.
        settings.put("LOGGING_STRUCTURED_FORMAT_FILE", "logstash");
        settings.put("LOGGING_LEVEL_IO_BERTH_UNIXHTTP", "debug");
        settings.put("LOGGING_LEVEL_IO_BERTH_GATEWAY_METRICS", "debug");
        settings.put("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:" + TraceCollector.PORT);
        settings.put("BERTH_GATEWAY_TLS_PORT", Integer.toString(TLS_PORT));
        settings.put(
                "BERTH_GATEWAY_TLS_CERTIFICATE",
                certificates.resolve("server-cert.pem").toString());
        settings.put(
                "BERTH_GATEWAY_TLS_KEY", certificates.resolve("server-key.pem").toString());
        settings.put(
                "BERTH_GATEWAY_TLS_CLIENTCA", certificates.resolve("ca.pem").toString());
        settings.put("BERTH_GATEWAY_TLS_RELOAD", "200ms");
        return new GatewayPlatform(BerthInstance.start(PORT, settings), certificates);
    }

    private static Path temporary() {
        try {
            return Files.createTempDirectory("berth-compat-certificates");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    BerthInstance berth() {
        return berth;
    }

    RawHttp http() {
        return new RawHttp(berth.socket());
    }

    /** Of the listener and its clients {@code anna} and {@code ben}. */
    Path certificates() {
        return certificates;
    }
}
