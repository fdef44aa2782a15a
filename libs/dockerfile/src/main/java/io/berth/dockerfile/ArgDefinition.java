package io.berth.dockerfile;

import org.jspecify.annotations.Nullable;

/**
 * One name of ARG.
 *
 * @param defaultValue null when there is none
 * @param description from the comment before it, {@code # NAME description}; empty when there is none
 */
public record ArgDefinition(String name, @Nullable String defaultValue, String description) {}
