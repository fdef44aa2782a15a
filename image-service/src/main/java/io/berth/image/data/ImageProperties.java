package io.berth.image.data;

import jakarta.validation.constraints.NotNull;
import java.nio.file.Path;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Where image-service keeps its data and finds its partner.
 *
 * @param dataDir root of content, layers and database; made with mode 0700 when missing. One file system holds it all.
 * @param partialDownloadLifetime how long the part of a blob that a broken pull has left is kept to go on with
 * @param engineSocket Unix socket of the node's engine-service
 */
@Validated
@ConfigurationProperties("berth.image")
record ImageProperties(
        @NotNull Path dataDir,
        @NotNull @DefaultValue("24h") Duration partialDownloadLifetime,
        @NotNull Path engineSocket) {}
