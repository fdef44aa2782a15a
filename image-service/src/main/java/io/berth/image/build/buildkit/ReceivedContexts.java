package io.berth.image.build.buildkit;

import io.berth.buildkit.transfer.ReceivedTrees;
import io.berth.image.cache.CacheRecord;
import io.berth.image.cache.KeptContexts;
import io.berth.oci.Digest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.springframework.stereotype.Component;

/** What BuildKit's clients have sent of their directories. */
@Component
final class ReceivedContexts implements KeptContexts {
    private final ReceivedTrees trees;

    ReceivedContexts(ReceivedTrees trees) {
        this.trees = trees;
    }

    @Override
    public List<CacheRecord> list() {
        return trees.records().stream()
                .map(tree -> new CacheRecord(
                        Digest.sha256(tree.id().getBytes(StandardCharsets.UTF_8))
                                .toString(),
                        tree.type(),
                        tree.description(),
                        null,
                        tree.id(),
                        null,
                        tree.sizeBytes(),
                        tree.created(),
                        Objects.requireNonNullElse(tree.lastUsed(), tree.created()),
                        tree.usageCount(),
                        tree.inUse(),
                        false))
                .toList();
    }

    @Override
    public boolean remove(String directory) {
        return trees.remove(directory);
    }
}
