package io.berth.registry.storage.s3;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * The bucket that {@code berth.registry.storage=s3} keeps content in.
 *
 * @param bucket that exists
 * @param prefix what all keys begin with, such as {@code registry/}; empty for none
 * @param endpoint of a service that is not Amazon's
 * @param publicEndpoint by which clients reach the service, for redirects; null when it is the same
 * @param region of the bucket
 * @param pathStyle whether the bucket is in the path and not in the host name; null where an endpoint is set
 * @param accessKey with the secret of the file; null to take both from where all AWS tools have them: environment, profile,
 *     instance
 * @param secretKeyFile file whose first line is the secret of the access key
 * @param partSize how much of an upload is held in memory and sent at once, 5 MB at least: 10,000 of them are the largest blob
 * @param redirect whether clients read blobs from the bucket themselves, by links
 * @param redirectLifetime how long such a link is valid, one minute to seven days
 */
@ConfigurationProperties("berth.registry.s3")
record S3Properties(
        @Nullable String bucket,
        @DefaultValue("") String prefix,
        @Nullable URI endpoint,
        @Nullable URI publicEndpoint,
        @DefaultValue("us-east-1") String region,
        @Nullable Boolean pathStyle,
        @Nullable String accessKey,
        @Nullable Path secretKeyFile,
        @DefaultValue("8MB") DataSize partSize,
        @DefaultValue("false") boolean redirect,
        @DefaultValue("15m") Duration redirectLifetime) {
    private static final DataSize MIN_PART_SIZE = DataSize.ofMegabytes(5);
    private static final DataSize MAX_PART_SIZE = DataSize.ofMegabytes(512);
    private static final Duration MIN_LIFETIME = Duration.ofMinutes(1);
    private static final Duration MAX_LIFETIME = Duration.ofDays(7);

    S3Properties {
        if (partSize.compareTo(MIN_PART_SIZE) < 0 || partSize.compareTo(MAX_PART_SIZE) > 0) {
            throw new IllegalArgumentException(
                    "berth.registry.s3.part-size: " + partSize + " (expected: 5MB to 512MB)");
        }
        if (redirectLifetime.compareTo(MIN_LIFETIME) < 0 || redirectLifetime.compareTo(MAX_LIFETIME) > 0) {
            throw new IllegalArgumentException(
                    "berth.registry.s3.redirect-lifetime: " + redirectLifetime + " (expected: 1m to 7d)");
        }
        if ((accessKey == null) != (secretKeyFile == null)) {
            throw new IllegalArgumentException(
                    "berth.registry.s3: access-key and secret-key-file are set together, or neither");
        }
        if (prefix.startsWith("/") || (!prefix.isEmpty() && !prefix.endsWith("/"))) {
            throw new IllegalArgumentException(
                    "berth.registry.s3.prefix: " + prefix + " (expected: ends with / and does not begin with it)");
        }
    }

    boolean bucketInPath() {
        return pathStyle == null ? endpoint != null : pathStyle;
    }
}
