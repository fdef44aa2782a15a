package io.berth.image.source;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import java.time.Duration;
import java.util.Set;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * What a build may fetch.
 *
 * @param maxSize of one file, of what a git server sends, and of the files of one commit
 * @param maxDuration of one fetch
 * @param silence longest time without a byte
 * @param connectTimeout for one connection
 * @param maxRedirects that are followed for one file
 * @param privateRedirects whether a public address may redirect to one of a private network or of this machine
 * @param gitProtocols that repositories are fetched with; of {@code https}, {@code http} and {@code git}
 * @param cacheSize of files kept to be asked for again by their entity tag; 0 keeps none
 */
@Validated
@ConfigurationProperties("berth.image.build.source")
record SourceProperties(
        @NotNull @DefaultValue("8GB") DataSize maxSize,
        @NotNull @DefaultValue("30m") Duration maxDuration,
        @NotNull @DefaultValue("60s") Duration silence,
        @NotNull @DefaultValue("10s") Duration connectTimeout,
        @DefaultValue("10") @Min(0) @Max(50) int maxRedirects,
        @DefaultValue("false") boolean privateRedirects,
        @NotNull @DefaultValue({"https", "http", "git"}) Set<String> gitProtocols,
        @NotNull @DefaultValue("1GB") DataSize cacheSize) {
    SourceLimits limits() {
        return new SourceLimits(
                maxSize.toBytes(), maxDuration, silence, connectTimeout, maxRedirects, privateRedirects, gitProtocols);
    }
}
