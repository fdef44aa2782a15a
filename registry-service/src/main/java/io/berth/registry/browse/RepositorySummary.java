package io.berth.registry.browse;

import java.time.Instant;

/**
 * A repository as a list shows it.
 *
 * @param tags how many
 * @param manifests how many, indexes included
 * @param sizeBytes of its blobs; what it shares with other repositories counts in each
 * @param changedAt when something was last pushed or tagged
 */
public record RepositorySummary(String name, long tags, long manifests, long sizeBytes, Instant changedAt) {}
