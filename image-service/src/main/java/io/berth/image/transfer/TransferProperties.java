package io.berth.image.transfer;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * How images travel.
 *
 * @param insecureRegistries registries to speak plain HTTP to, {@code host}, {@code host:port} or an address range; loopback
 *     ones always are
 * @param maxConcurrentDownloads layers of one pull that travel at the same time
 * @param maxConcurrentUploads layers of one push that travel at the same time
 * @param transferAttempts how often a request is tried before its failure is final
 * @param transferSilence longest time without a byte before a connection is given up
 * @param connectTimeout for one connection to a registry
 */
@Validated
@ConfigurationProperties("berth.image")
record TransferProperties(
        @DefaultValue List<String> insecureRegistries,
        @DefaultValue("4") @Min(1) @Max(64) int maxConcurrentDownloads,
        @DefaultValue("5") @Min(1) @Max(64) int maxConcurrentUploads,
        @DefaultValue("5") @Min(1) @Max(20) int transferAttempts,
        @DefaultValue("60s") Duration transferSilence,
        @DefaultValue("10s") Duration connectTimeout) {}
