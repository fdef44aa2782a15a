package io.berth.image.layer;

import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import java.nio.file.Path;

/**
 * An unpacked layer.
 *
 * @param diffId digest of the uncompressed archive
 * @param directory absolute; holds this layer's own files and overlay whiteouts only, ready as an overlay lowerdir
 * @param size sum of the sizes of its regular files, in bytes
 * @param blob the compressed blob it was unpacked from, kept in the content store
 */
public record Layer(Digest diffId, Path directory, long size, Descriptor blob) {}
