package io.berth.image.layer;

import io.berth.oci.Descriptor;
import io.berth.oci.Digest;

/**
 * A layer that has been verified and unpacked but is not visible yet.
 *
 * @param diffId digest of the uncompressed archive
 * @param name of its directory below the unpack directory
 * @param size sum of its regular files, in bytes
 * @param blob the compressed blob, committed to the content store
 */
record UnpackedLayer(Digest diffId, String name, long size, Descriptor blob) {}
