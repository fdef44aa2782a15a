package io.berth.registry.manifest;

import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.registry.repository.RepositoryName;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.springframework.data.domain.Limit;
import org.springframework.stereotype.Component;

/** Which manifests of a repository refer to another one by their subject. Thread-safe. */
@Component
public class Referrers {
    /** Each entry repeats its manifest's annotations, so a page is kept small. */
    private static final int PAGE_SIZE = 100;

    private final ManifestRows rows;
    private final Manifests manifests;

    Referrers(ManifestRows rows, Manifests manifests) {
        this.rows = rows;
        this.manifests = manifests;
    }

    /**
     * Referrers in the order of their digests.
     *
     * @param artifactType to filter by; empty for all
     * @param last digest before the first one wanted; empty to begin at the start
     */
    public Page of(RepositoryName repository, Digest subject, String artifactType, String last) throws IOException {
        List<ManifestEntity> read =
                rows.referrers(repository.value(), subject.toString(), artifactType, last, Limit.of(PAGE_SIZE + 1));
        List<Descriptor> descriptors = new ArrayList<>();
        for (ManifestEntity row : read.subList(0, Math.min(PAGE_SIZE, read.size()))) {
            descriptor(row.stored()).ifPresent(descriptors::add);
        }
        Optional<String> next = read.size() > PAGE_SIZE
                ? Optional.of(read.get(PAGE_SIZE - 1).stored().digest().toString())
                : Optional.empty();
        return new Page(descriptors, next);
    }

    private Optional<Descriptor> descriptor(StoredManifest manifest) throws IOException {
        return manifests.content(manifest).map(content -> {
            ManifestDocument document = ManifestCodec.parse(manifest.mediaType(), content);
            return new Descriptor(
                    manifest.mediaType(),
                    manifest.digest(),
                    manifest.size(),
                    null,
                    document.annotations().isEmpty() ? null : document.annotations(),
                    null,
                    document.artifactType(),
                    null);
        });
    }

    /**
     * A part of the list.
     *
     * @param next {@code last} of the next part; empty when this was all
     */
    public record Page(List<Descriptor> descriptors, Optional<String> next) {
        public Page {
            descriptors = List.copyOf(descriptors);
        }
    }
}
