package io.berth.registry.upstream;

import io.berth.registry.remote.RemoteRegistry;
import io.berth.registry.repository.RepositoryName;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * The registries that this one is a cache of.
 *
 * @param upstreams each with a prefix of its own; none unless configured
 * @param fresh how long a tag is served without asking its registry again
 * @param retry how long a registry that did not answer is left alone, as long as there is something to serve
 * @param maxBlobSize larger blobs are refused
 * @param certificateDirectory certificates of each registry host below {@code <host[:port]>/}
 */
@Validated
@ConfigurationProperties("berth.registry.pull-through")
record PullThroughProperties(
        @DefaultValue List<@Valid UpstreamProperties> upstreams,
        @DefaultValue("1m") Duration fresh,
        @DefaultValue("30s") Duration retry,
        @DefaultValue("64GB") DataSize maxBlobSize,
        @DefaultValue("/etc/docker/certs.d") Path certificateDirectory) {
    PullThroughProperties {
        upstreams = List.copyOf(upstreams);
        if (fresh.isNegative() || retry.isNegative()) {
            throw new IllegalArgumentException("berth.registry.pull-through: fresh and retry (expected: >= 0)");
        }
        Set<String> seen = new HashSet<>();
        for (UpstreamProperties upstream : upstreams) {
            if (!seen.add("prefix " + upstream.prefix()) || !seen.add("registry " + upstream.registry())) {
                throw new IllegalArgumentException("berth.registry.pull-through.upstreams: " + upstream.registry()
                        + " (expected: each registry and each prefix once)");
            }
        }
    }

    /**
     * One registry.
     *
     * @param registry as image references name it, such as {@code docker.io} or {@code registry.example:5000}
     * @param prefix repositories {@code <prefix>/<name>} are the registry's {@code <name>}
     * @param username null for none
     * @param passwordFile file whose first line is the password or token, read anew for each session; null for none
     * @param plainHttp whether it may be spoken to without TLS; a loopback one always is
     * @param allowedAddresses private address ranges that it, and what it redirects to, may be in, such as {@code 10.1.0.0/16}
     */
    record UpstreamProperties(
            @NotBlank String registry,
            @NotBlank String prefix,
            @Nullable String username,
            @Nullable Path passwordFile,
            boolean plainHttp,
            @DefaultValue List<String> allowedAddresses) {
        UpstreamProperties {
            allowedAddresses = List.copyOf(allowedAddresses);
        }

        RemoteRegistry.Access access() {
            return new RemoteRegistry.Access(registry, username, passwordFile, plainHttp, allowedAddresses);
        }

        RepositoryName prefixName() {
            return new RepositoryName(prefix);
        }
    }
}
