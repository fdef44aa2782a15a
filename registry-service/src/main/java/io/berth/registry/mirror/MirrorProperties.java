package io.berth.registry.mirror;

import io.berth.pattern.LinearPattern;
import io.berth.registry.remote.RemoteRegistry;
import io.berth.registry.repository.RepositoryName;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * Repositories that are copied; none unless configured.
 *
 * @param interval between two looks
 * @param maxBlobSize images with larger blobs are not taken
 * @param certificateDirectory certificates of each registry host below {@code <host[:port]>/}
 */
@Validated
@ConfigurationProperties("berth.registry.mirror")
record MirrorProperties(
        @DefaultValue List<@Valid Rule> rules,
        @DefaultValue("1h") Duration interval,
        @DefaultValue("64GB") DataSize maxBlobSize,
        @DefaultValue("/etc/docker/certs.d") Path certificateDirectory) {
    MirrorProperties {
        rules = List.copyOf(rules);
        if (!interval.isPositive()) {
            throw new IllegalArgumentException("berth.registry.mirror.interval: " + interval + " (expected: > 0)");
        }
    }

    /** Which way. */
    enum Direction {
        /** From the other registry to this one. */
        PULL,
        /** From this registry to the other one. */
        PUSH
    }

    /**
     * One repository here and one elsewhere. Tags that are gone at the source stay at the target.
     *
     * @param repository here
     * @param registry the other registry, as image references name it
     * @param remoteRepository there
     * @param tags regular expression of whole tags
     * @param username null for none
     * @param passwordFile file whose first line is the password or token; null for none
     * @param plainHttp whether the other registry may be spoken to without TLS; a loopback one always is
     * @param allowedAddresses private address ranges that it may be in
     */
    record Rule(
            @NotNull Direction direction,
            @NotBlank String repository,
            @NotBlank String registry,
            @NotBlank String remoteRepository,
            @DefaultValue(".*") LinearPattern tags,
            @Nullable String username,
            @Nullable Path passwordFile,
            boolean plainHttp,
            @DefaultValue List<String> allowedAddresses) {
        Rule {
            allowedAddresses = List.copyOf(allowedAddresses);
        }

        RepositoryName here() {
            return new RepositoryName(repository);
        }

        /** The grammar is the same everywhere; what is not a name must not become a part of a path. */
        String there() {
            return new RepositoryName(remoteRepository).value();
        }

        RemoteRegistry.Access access() {
            return new RemoteRegistry.Access(registry, username, passwordFile, plainHttp, allowedAddresses);
        }
    }
}
