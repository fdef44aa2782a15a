package io.berth.image.source;

import java.time.Duration;
import java.util.Set;

/**
 * How much a fetch may take.
 *
 * @param maxBytes of one file, of what a git server sends, and of the files of one commit
 * @param maxDuration of one fetch
 * @param silence longest time without a byte
 * @param connectTimeout for one connection
 * @param maxRedirects that are followed for one file
 * @param privateRedirects whether a public address may redirect to a private one
 * @param gitProtocols that repositories are fetched with
 */
public record SourceLimits(
        long maxBytes,
        Duration maxDuration,
        Duration silence,
        Duration connectTimeout,
        int maxRedirects,
        boolean privateRedirects,
        Set<String> gitProtocols) {
    public SourceLimits {
        gitProtocols = Set.copyOf(gitProtocols);
    }
}
