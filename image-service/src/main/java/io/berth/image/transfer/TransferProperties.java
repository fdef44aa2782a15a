package io.berth.image.transfer;

import io.berth.registryclient.Mirrors;
import io.berth.registryclient.signature.SignaturePolicy;
import io.berth.registryclient.signature.Trust;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotEmpty;
import jakarta.validation.constraints.NotNull;
import java.net.URI;
import java.nio.file.Path;
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
 * @param mirrors asked before the registries that references name, see {@link Mirrors}
 * @param certificateDirectory certificates of each registry host below {@code <host[:port]>/}: {@code *.crt} are trusted,
 *     {@code x.cert} with {@code x.key} are shown to it
 * @param signaturePolicy which images must be signed, by whom, see {@link SignaturePolicy}
 * @param searchRegistry where a search looks whose term names no host
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
        @DefaultValue List<@Valid MirrorRule> mirrors,
        @DefaultValue("/etc/docker/certs.d") Path certificateDirectory,
        @DefaultValue List<@Valid SignatureRule> signaturePolicy,
        @NotEmpty @DefaultValue("docker.io") String searchRegistry,
        @DefaultValue("4") @Min(1) @Max(64) int maxConcurrentDownloads,
        @DefaultValue("5") @Min(1) @Max(64) int maxConcurrentUploads,
        @DefaultValue("5") @Min(1) @Max(20) int transferAttempts,
        @DefaultValue("60s") Duration transferSilence,
        @DefaultValue("10s") Duration connectTimeout) {
    /**
     * Where to look first.
     *
     * @param prefix registry, or registry and beginning of a repository's path
     * @param locations {@code https://host[:port][/path]}, in order
     */
    record MirrorRule(@NotEmpty String prefix, @NotEmpty List<URI> locations) {}

    /**
     * What images of some repositories must have.
     *
     * @param prefix registry, or registry and beginning of a repository's path; empty for all that no other rule is about
     * @param mode what happens to an image without a valid signature
     * @param keys PEM files with public keys, one of which must have signed, or
     * @param certificates PEM files with certificates, one of which must vouch for the signer
     * @param subjects whom of those that the certificates vouch for to believe; all, when it is empty
     */
    record SignatureRule(
            @DefaultValue("") String prefix,
            @NotNull SignaturePolicy.Mode mode,
            @DefaultValue List<Path> keys,
            @DefaultValue List<Path> certificates,
            @DefaultValue List<String> subjects) {
        Trust trust() {
            return new Trust(keys, certificates, subjects);
        }
    }

    Mirrors mirrorRules() {
        return new Mirrors(mirrors.stream()
                .map(rule -> new Mirrors.Rule(rule.prefix(), rule.locations()))
                .toList());
    }

    SignaturePolicy signatureRules() {
        return new SignaturePolicy(signaturePolicy.stream()
                .map(rule -> new SignaturePolicy.Rule(rule.prefix(), rule.mode(), rule.trust()))
                .toList());
    }
}
