package io.berth.registry.manifest;

import io.berth.oci.Digest;

/**
 * A manifest or index that a repository has.
 *
 * @param mediaType it was pushed with
 * @param size in bytes
 */
public record StoredManifest(Digest digest, String mediaType, long size) {}
