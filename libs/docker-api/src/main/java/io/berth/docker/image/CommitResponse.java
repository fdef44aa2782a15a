package io.berth.docker.image;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * The image that a container became.
 *
 * <pre>{"Id": "sha256:…"}</pre>
 */
public record CommitResponse(@JsonProperty("Id") String id) {}
