package io.berth.image.source;

/**
 * The files of a commit.
 *
 * @param commit its full name
 * @param files how many
 * @param bytes of all of them
 */
public record FetchedTree(String commit, int files, long bytes) {}
