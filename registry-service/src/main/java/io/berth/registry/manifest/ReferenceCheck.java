package io.berth.registry.manifest;

import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.registry.blob.BlobLinks;
import io.berth.registry.error.ErrorCode;
import io.berth.registry.error.RegistryError;
import io.berth.registry.error.RegistryException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Component;

/** Checks that what a manifest names is in its repository, with the size it says. */
@Component
final class ReferenceCheck {
    private static final int BATCH = 500;
    /** A manifest can name tens of thousands of blobs; an answer that lists more than this helps nobody. */
    private static final int MAX_ERRORS = 100;

    private final BlobLinks links;
    private final ManifestRows manifests;

    ReferenceCheck(BlobLinks links, ManifestRows manifests) {
        this.links = links;
        this.manifests = manifests;
    }

    /** @throws RegistryException MANIFEST_BLOB_UNKNOWN for each missing reference, SIZE_INVALID for each wrong size */
    void require(long repositoryId, ManifestDocument document) {
        List<Descriptor> all = new ArrayList<>(document.blobs());
        all.addAll(document.members());
        Map<Digest, Long> sizes = new HashMap<>(
                links.sizes(repositoryId, all.stream().map(Descriptor::digest).toList()));
        sizes.putAll(manifestSizes(repositoryId, document.members()));
        report(all, sizes);
    }

    /** As {@link #require} for a repository that has nothing yet. */
    static void requireNothing(ManifestDocument document) {
        List<Descriptor> all = new ArrayList<>(document.blobs());
        all.addAll(document.members());
        report(all, Map.of());
    }

    private Map<Digest, Long> manifestSizes(long repositoryId, List<Descriptor> members) {
        List<String> wanted = members.stream()
                .map(member -> member.digest().toString())
                .distinct()
                .toList();
        Map<Digest, Long> sizes = new HashMap<>();
        for (int from = 0; from < wanted.size(); from += BATCH) {
            List<String> batch = wanted.subList(from, Math.min(from + BATCH, wanted.size()));
            manifests.findByRepositoryIdAndDigestIn(repositoryId, batch).stream()
                    .map(ManifestEntity::stored)
                    .forEach(stored -> sizes.put(stored.digest(), stored.size()));
        }
        return sizes;
    }

    private static void report(List<Descriptor> references, Map<Digest, Long> sizes) {
        List<RegistryError> errors = new ArrayList<>();
        for (Descriptor reference : references) {
            Long size = sizes.get(reference.digest());
            Map<String, String> detail = Map.of("digest", reference.digest().toString());
            if (size == null) {
                errors.add(RegistryError.of(ErrorCode.MANIFEST_BLOB_UNKNOWN, detail));
            } else if (size != reference.size()) {
                errors.add(RegistryError.of(ErrorCode.SIZE_INVALID, detail));
            }
            if (errors.size() == MAX_ERRORS) {
                break;
            }
        }
        if (!errors.isEmpty()) {
            throw new RegistryException(errors.getFirst().code().status(), errors);
        }
    }
}
