package io.berth.image.lease;

import io.berth.oci.Digest;
import java.util.function.Predicate;

/**
 * Whose work a lease is for. What is here is of many, so that a digest alone is no leave to have it: whoever names one must bring its
 * bytes, unless they could see them anyway. Immutable.
 *
 * @param project that made things go to; empty for none
 * @param sees the blobs that the bearer could read without bringing them
 */
public record Bearer(String project, Predicate<Digest> sees) {
    /** The platform itself, and operators: everything is theirs to see. */
    public static final Bearer PLATFORM = new Bearer("", _ -> true);
}
