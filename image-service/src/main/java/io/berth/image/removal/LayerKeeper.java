package io.berth.image.removal;

import io.berth.oci.Digest;
import java.util.Set;

/** Something beside images that needs layers, such as a cache. */
public interface LayerKeeper {
    /** Diff ids of the layers that are to stay. */
    Set<Digest> kept();
}
