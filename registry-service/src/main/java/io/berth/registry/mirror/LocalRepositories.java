package io.berth.registry.mirror;

import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.Index;
import io.berth.oci.Manifest;
import io.berth.oci.MediaType;
import io.berth.oci.OciJson;
import io.berth.registry.blob.BlobLinks;
import io.berth.registry.blob.BlobStore;
import io.berth.registry.error.RegistryException;
import io.berth.registry.manifest.ManifestReference;
import io.berth.registry.manifest.Manifests;
import io.berth.registry.manifest.Referrers;
import io.berth.registry.manifest.StoredManifest;
import io.berth.registry.repository.Repositories;
import io.berth.registry.repository.RepositoryName;
import io.berth.registry.storage.Content;
import io.berth.registry.tag.TagName;
import io.berth.registry.tag.Tags;
import io.berth.registry.upload.Chunk;
import io.berth.registry.upload.HashAlgorithm;
import io.berth.registry.upload.Uploads;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.springframework.stereotype.Component;

/** Repositories of this registry, as source or target of copies. Thread-safe. */
@Component
class LocalRepositories {
    private static final int PAGE = 1000;

    private final Repositories repositories;
    private final Manifests manifests;
    private final Referrers referrers;
    private final Tags tags;
    private final BlobLinks links;
    private final BlobStore store;
    private final Uploads uploads;
    private final long maxBlobSize;

    LocalRepositories(
            Repositories repositories,
            Manifests manifests,
            Referrers referrers,
            Tags tags,
            BlobLinks links,
            BlobStore store,
            Uploads uploads,
            MirrorProperties properties) {
        this.repositories = repositories;
        this.manifests = manifests;
        this.referrers = referrers;
        this.tags = tags;
        this.links = links;
        this.store = store;
        this.uploads = uploads;
        this.maxBlobSize = properties.maxBlobSize().toBytes();
    }

    Copy.Source source(RepositoryName name) {
        return new AsSource(name);
    }

    /** @param blobs where the content of blobs comes from */
    Copy.Target target(RepositoryName name, RemoteBlobs blobs) {
        return new AsTarget(name, blobs);
    }

    /** Opens blobs of another registry; the caller closes what is opened, and checks its digest. */
    @FunctionalInterface
    interface RemoteBlobs {
        InputStream open(Descriptor blob) throws IOException;
    }

    /** A blob of a repository; the caller closes it. */
    InputStream open(RepositoryName name, Digest digest) throws IOException {
        if (links.size(name, digest).isEmpty()) {
            throw new IOException("blob " + digest + " is not in the repository");
        }
        Content content = store.open(digest).orElseThrow(() -> new IOException("blob " + digest + " is missing"));
        return new FilterInputStream(content.read(0, content.size())) {
            @Override
            public void close() throws IOException {
                try (content) {
                    super.close();
                }
            }
        };
    }

    private Optional<Digest> digest(RepositoryName name, String tag) {
        return TagName.isValid(tag) ? tags.find(name, new TagName(tag)) : Optional.empty();
    }

    private final class AsSource implements Copy.Source {
        private final RepositoryName name;

        AsSource(RepositoryName name) {
            this.name = name;
        }

        @Override
        public List<String> tags() {
            Optional<Long> id = repositories.find(name);
            List<String> all = new ArrayList<>();
            List<String> page = List.of();
            while (id.isPresent() && (all.isEmpty() || page.size() == PAGE)) {
                page = tags.namesAfter(id.get(), all.isEmpty() ? "" : all.getLast(), PAGE);
                all.addAll(page);
                if (page.isEmpty()) {
                    break;
                }
            }
            return all;
        }

        @Override
        public Optional<Digest> digest(String tag) {
            return LocalRepositories.this.digest(name, tag);
        }

        @Override
        public Optional<Copy.Document> manifest(String reference) throws IOException {
            Optional<StoredManifest> found =
                    ManifestReference.parse(reference).flatMap(known -> manifests.find(name, known));
            if (found.isEmpty()) {
                return Optional.empty();
            }
            StoredManifest stored = found.get();
            return manifests.content(stored).map(content -> document(stored, content));
        }

        private static Copy.Document document(StoredManifest stored, byte[] content) {
            boolean index = MediaType.isIndex(stored.mediaType());
            List<Descriptor> blobs =
                    index ? List.of() : RemoteRepository.blobs(OciJson.MAPPER.readValue(content, Manifest.class));
            List<Descriptor> members =
                    index ? OciJson.MAPPER.readValue(content, Index.class).manifests() : List.of();
            return new Copy.Document(stored.mediaType(), stored.digest(), content, blobs, members);
        }

        @Override
        public List<Descriptor> referrers(Digest subject) throws IOException {
            return referrers.of(name, subject, "", "").descriptors();
        }
    }

    private final class AsTarget implements Copy.Target {
        private final RepositoryName name;
        private final RemoteBlobs blobs;

        AsTarget(RepositoryName name, RemoteBlobs blobs) {
            this.name = name;
            this.blobs = blobs;
        }

        @Override
        public Optional<Digest> digest(String tag) {
            return LocalRepositories.this.digest(name, tag);
        }

        @Override
        public boolean hasManifest(Digest digest) {
            return manifests.find(name, new ManifestReference.ByDigest(digest)).isPresent();
        }

        @Override
        public void blob(Descriptor blob) throws IOException {
            if (links.offer(name, blob.digest()).isPresent()) {
                return;
            }
            if (blob.size() > maxBlobSize) {
                throw new IOException("blob " + blob.digest() + " has " + blob.size() + " bytes, more than is taken");
            }
            UUID upload = uploads.start(name, HashAlgorithm.of(blob.digest().algorithm()));
            boolean finished = false;
            try (InputStream in = blobs.open(blob)) {
                uploads.finish(name, upload.toString(), blob.digest(), new Chunk(in, -1, blob.size()));
                finished = true;
            } finally {
                if (!finished) {
                    cancel(upload);
                }
            }
        }

        private void cancel(UUID upload) throws IOException {
            try {
                uploads.cancel(name, upload.toString());
            } catch (RegistryException e) {
                // It has ended already: content of another digest ends it.
                if (e.status() != 404) {
                    throw e;
                }
            }
        }

        @Override
        public void manifest(Copy.Document document, Optional<String> tag) throws IOException {
            List<TagName> names = tag.map(TagName::new).stream().toList();
            manifests.push(name, document.digest(), names, document.mediaType(), document.content());
        }
    }
}
