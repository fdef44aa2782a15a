package io.berth.registryclient;

/**
 * A repository of a registry that something can be pulled from.
 *
 * @param repository path there, which at a mirror need not be the one that the reference has
 */
public record PullSource(RegistryClient client, String repository) {}
