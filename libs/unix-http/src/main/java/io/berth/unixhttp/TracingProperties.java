package io.berth.unixhttp;

import java.net.URI;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Traces for OpenTelemetry, of every service alike.
 *
 * @param endpoint where a collector takes OTLP over HTTP, such as {@code http://collector:4318}; without it nothing is recorded. The same as
 *     OpenTelemetry's {@code OTEL_EXPORTER_OTLP_ENDPOINT}, which counts when this is not set
 * @param sample part of the traces that begin at the gateway which are recorded, 0 to 1; those of clients are as they say
 */
@ConfigurationProperties("berth.tracing")
record TracingProperties(
        @Nullable URI endpoint, @DefaultValue("1") double sample) {
    private static final String PATH = "/v1/traces";

    TracingProperties {
        if (sample < 0 || sample > 1) {
            throw new IllegalArgumentException("berth.tracing.sample: " + sample + " (expected: 0 to 1)");
        }
        if (endpoint != null && !"http".equals(endpoint.getScheme()) && !"https".equals(endpoint.getScheme())) {
            throw new IllegalArgumentException(
                    "berth.tracing.endpoint: " + endpoint + " (expected: an http or https URL)");
        }
    }

    /**
     * Where traces are posted to: OpenTelemetry's path below the endpoint, unless the endpoint has it already.
     *
     * @param standard OpenTelemetry's own setting; empty when it is not set
     */
    @Nullable
    URI traces(String standard) {
        URI base = endpoint != null || standard.isBlank() ? endpoint : URI.create(standard.strip());
        if (base == null || base.getPath().endsWith(PATH)) {
            return base;
        }
        return URI.create(base.toString().replaceFirst("/$", "") + PATH);
    }
}
