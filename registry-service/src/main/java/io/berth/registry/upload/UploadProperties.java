package io.berth.registry.upload;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Upload sessions.
 *
 * @param expiry how long a session may lie untouched before it is cancelled and its bytes are given back
 */
@ConfigurationProperties("berth.registry.upload")
record UploadProperties(@DefaultValue("24h") Duration expiry) {
    UploadProperties {
        if (!expiry.isPositive()) {
            throw new IllegalArgumentException("berth.registry.upload.expiry: " + expiry + " (expected: > 0)");
        }
    }
}
