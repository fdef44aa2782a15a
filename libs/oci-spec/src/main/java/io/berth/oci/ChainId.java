package io.berth.oci;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Chain ids: names for stacks of layers (OCI image spec, config.md, "Layer ChainID"). */
public final class ChainId {
    private ChainId() {}

    /**
     * The chain id of each prefix of the given diff ids, bottom first; the last one names the whole stack.
     *
     * @param diffIds bottom first
     */
    public static List<Digest> of(List<Digest> diffIds) {
        List<Digest> chain = new ArrayList<>(diffIds.size());
        for (Digest diffId : diffIds) {
            chain.add(
                    chain.isEmpty()
                            ? diffId
                            : Digest.sha256((chain.getLast() + " " + diffId).getBytes(StandardCharsets.UTF_8)));
        }
        return List.copyOf(chain);
    }
}
