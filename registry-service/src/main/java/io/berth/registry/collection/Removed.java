package io.berth.registry.collection;

/**
 * What one collection has removed, or would remove.
 *
 * @param manifests that nothing kept
 * @param links of blobs to repositories, which no manifest named
 * @param blobs that no repository had any more
 * @param blobBytes their size
 * @param contents pieces of content given back by the storage
 * @param contentBytes their size, as far as it is known
 */
record Removed(long manifests, long links, long blobs, long blobBytes, long contents, long contentBytes) {}
