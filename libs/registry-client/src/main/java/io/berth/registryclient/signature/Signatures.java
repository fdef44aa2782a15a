package io.berth.registryclient.signature;

import io.berth.oci.Digest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The signatures of one image, of whatever kind. */
public final class Signatures {
    private Signatures() {}

    /**
     * What is wrong with the signatures of an image.
     *
     * @param trust whose signatures count
     * @return a reason in words; empty when one of the signatures is valid
     * @throws IOException when that cannot be told
     */
    public static Optional<String> problem(SignatureSource source, Digest digest, Trust trust) throws IOException {
        List<String> problems = new ArrayList<>();
        for (SignatureKind kind : trust.kinds()) {
            for (SignatureKind.Claim claim : kind.find(source, digest)) {
                Optional<String> problem = claim.problem(digest);
                if (problem.isEmpty()) {
                    return Optional.empty();
                }
                problems.add(problem.get());
            }
        }
        return Optional.of(
                problems.isEmpty()
                        ? "it has no signature"
                        : "none of its " + problems.size() + " signatures is valid: " + problems.getFirst());
    }
}
