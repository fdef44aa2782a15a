package io.berth.image.build;

import io.berth.oci.Digest;
import java.util.Comparator;

/**
 * Something that a build took from elsewhere, as SLSA provenance names it.
 *
 * @param uri {@code pkg:docker/alpine@3.20?platform=linux%2Famd64}, or the address of a file or repository
 * @param algorithm of its digest: {@code sha256}, or {@code sha1} for a commit of git
 * @param digest hexadecimal
 */
public record Material(String uri, String algorithm, String digest) implements Comparable<Material> {
    private static final Comparator<Material> ORDER =
            Comparator.comparing(Material::uri).thenComparing(Material::digest);

    /** A file. */
    static Material file(String url, Digest digest) {
        return new Material(url, digest.algorithm(), digest.hex());
    }

    /** A commit, of a repository whose object names are SHA-1 or SHA-256. */
    static Material commit(String address, String commit) {
        return new Material(address, commit.length() == 40 ? "sha1" : "sha256", commit);
    }

    @Override
    public int compareTo(Material other) {
        return ORDER.compare(this, other);
    }
}
