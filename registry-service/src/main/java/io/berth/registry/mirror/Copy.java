package io.berth.registry.mirror;

import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Copies images between two repositories: what they consist of first, what says of them that they are signed last. */
final class Copy {
    /** An index of indexes of indexes is deeper than anybody builds. */
    private static final int MAX_DEPTH = 4;

    private final Source source;
    private final Target target;

    Copy(Source source, Target target) {
        this.source = source;
        this.target = target;
    }

    /**
     * A manifest, and what it names.
     *
     * @param content a copy
     * @param members of an index
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Document(String mediaType, Digest digest, byte[] content, List<Descriptor> blobs, List<Descriptor> members) {
        Document {
            blobs = List.copyOf(blobs);
            members = List.copyOf(members);
        }
    }

    /** Where images come from. */
    interface Source {
        List<String> tags() throws IOException;

        Optional<Digest> digest(String tag) throws IOException;

        /** A manifest, its digest verified; empty when there is none. */
        Optional<Document> manifest(String reference) throws IOException;

        List<Descriptor> referrers(Digest subject) throws IOException;
    }

    /** Where images go. */
    interface Target {
        Optional<Digest> digest(String tag) throws IOException;

        boolean hasManifest(Digest digest) throws IOException;

        /** Copies a blob, unless it is there. */
        void blob(Descriptor blob) throws IOException;

        /** Stores a manifest whose parts are there, under its digest or a tag. */
        void manifest(Document document, Optional<String> tag) throws IOException;
    }

    /** Makes a tag of the target what it is at the source. Whether something was copied. */
    boolean tag(String tag) throws IOException {
        Optional<Digest> wanted = source.digest(tag);
        if (wanted.isPresent() && wanted.equals(target.digest(tag))) {
            return false;
        }
        Optional<Document> document = source.manifest(tag);
        if (document.isEmpty()) {
            return false;
        }
        document(document.get(), Optional.of(tag), 1);
        about(document.get().digest());
        return true;
    }

    private void document(Document document, Optional<String> tag, int depth) throws IOException {
        if (depth > MAX_DEPTH) {
            throw new IOException("indexes of " + document.digest() + " are nested too deeply");
        }
        for (Descriptor blob : document.blobs()) {
            target.blob(blob);
        }
        for (Descriptor member : document.members()) {
            byDigest(member.digest(), depth + 1);
        }
        target.manifest(document, tag);
    }

    private void byDigest(Digest digest, int depth) throws IOException {
        if (target.hasManifest(digest)) {
            return;
        }
        Optional<Document> document = source.manifest(digest.toString());
        if (document.isEmpty()) {
            throw new IOException("manifest " + digest + " is missing at the source");
        }
        document(document.get(), Optional.empty(), depth);
    }

    /** What refers to an image, and the tag under which cosign keeps its signatures. */
    private void about(Digest digest) throws IOException {
        for (Descriptor referrer : source.referrers(digest)) {
            byDigest(referrer.digest(), 1);
        }
        String signatures = digest.algorithm() + "-" + digest.hex() + ".sig";
        Optional<Document> signed = source.manifest(signatures);
        if (signed.isPresent()) {
            document(signed.get(), Optional.of(signatures), 1);
        }
    }
}
