package io.berth.registryclient.signature;

import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.Manifest;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;

/** A repository as the check of signatures sees it. */
public interface SignatureSource {
    /** The image manifest under a tag or digest; empty when there is none, or something else. */
    Optional<Manifest> manifest(String reference) throws IOException;

    /** The manifests of one artifact type that refer to a digest. */
    List<Descriptor> referrers(Digest subject, String artifactType) throws IOException;

    /** The bytes of a blob; the caller closes them. */
    InputStream blob(Descriptor blob) throws IOException;
}
