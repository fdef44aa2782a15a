package io.berth.registry.browse;

/**
 * What the whole registry holds.
 *
 * @param sizeBytes of blobs and manifests, each once however many repositories have it
 * @param uploads sessions that have not ended
 */
public record Usage(long repositories, long tags, long manifests, long blobs, long sizeBytes, long uploads) {}
