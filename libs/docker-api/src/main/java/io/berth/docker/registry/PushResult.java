package io.berth.docker.registry;

import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * What a push put under a tag, for programs: the {@code aux} of its last line (moby: api/types/registry, PushResult).
 *
 * <pre>{"Tag": "latest", "Digest": "sha256:…", "Size": 1234}</pre>
 *
 * @param size of the manifest, in bytes
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
public record PushResult(String tag, String digest, long size) {}
