package io.berth.buildkit;

import io.berth.oci.Digest;

/**
 * What a reference leads to.
 *
 * @param reference in full, such as {@code docker.io/library/alpine:3.22}
 * @param digest of the index or manifest that the reference names
 * @param config the image's configuration, JSON
 */
public record ResolvedImageConfig(String reference, Digest digest, String config) {}
