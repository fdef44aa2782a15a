package io.berth.registryclient;

/**
 * A repository that a search has found.
 *
 * @param name as the registry says it; with the registry's host where it is from a catalogue
 * @param description empty where the registry has none
 */
public record FoundRepository(String name, String description, int stars, boolean official) {}
