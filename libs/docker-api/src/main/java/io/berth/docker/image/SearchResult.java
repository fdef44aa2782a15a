package io.berth.docker.image;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * A repository that a search has found (Engine API, ImageSearchResponseItem).
 *
 * @param stars how many people like it, 0 where the registry does not count
 */
public record SearchResult(
        @JsonProperty("star_count") int stars,
        @JsonProperty("is_official") boolean official,
        @JsonProperty("name") String name,
        @JsonProperty("is_automated") boolean automated,
        @JsonProperty("description") String description) {}
