package io.berth.image.store;

import io.berth.docker.DockerJson;
import io.berth.docker.error.SystemFailure;
import io.berth.docker.image.AttestationStatement;
import io.berth.image.content.ContentStore;
import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.Index;
import io.berth.oci.Manifest;
import io.berth.oci.OciJson;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * What the builder of an image has attested, as BuildKit keeps it: manifests in the image's index, each naming the one it is about, whose
 * layers are in-toto statements (BuildKit: docs/attestations/attestation-storage.md).
 */
@Component
public class ImageAttestations {
    /** Largest statement that is kept, in bytes. */
    public static final int MAX_STATEMENT_BYTES = 16 * 1024 * 1024;

    private static final String REFERENCE_TYPE = "vnd.docker.reference.type";
    private static final String REFERENCE_DIGEST = "vnd.docker.reference.digest";
    private static final String PREDICATE_TYPE = "in-toto.io/predicate-type";

    private final ImageIndexes indexes;
    private final ContentStore content;

    ImageAttestations(ImageIndexes indexes, ContentStore content) {
        this.indexes = indexes;
        this.content = content;
    }

    /** Whether a manifest of an index is an attestation. */
    public static boolean isAttestation(Descriptor manifest) {
        return annotation(manifest, REFERENCE_TYPE)
                .filter("attestation-manifest"::equals)
                .isPresent();
    }

    /** The digest of the manifest that an attestation is about. */
    public static Optional<String> subject(Descriptor attestation) {
        return annotation(attestation, REFERENCE_DIGEST);
    }

    /** The attestation of a manifest, if its index has one. */
    public static Optional<Descriptor> of(Index index, Digest manifest) {
        return index.manifests().stream()
                .filter(ImageAttestations::isAttestation)
                .filter(candidate ->
                        subject(candidate).filter(manifest.toString()::equals).isPresent())
                .findFirst();
    }

    private static Optional<String> annotation(Descriptor descriptor, String name) {
        Map<String, String> annotations = descriptor.annotations();
        return annotations == null ? Optional.empty() : Optional.ofNullable(annotations.get(name));
    }

    /**
     * The statements about an image; none when it has no index or nothing was attested.
     *
     * @param predicateTypes which ones, empty for all
     * @param withStatement whether to read them, too
     * @throws SystemFailure when a statement is not here
     */
    public List<AttestationStatement> statements(Image image, Set<String> predicateTypes, boolean withStatement) {
        // An index may name anything that is here: what came with it has been kept for it.
        Set<Digest> kept = indexes.kept(image.id());
        Optional<Descriptor> attestation = indexes.index(image.id())
                .flatMap(index -> of(index, image.manifest().digest()))
                .filter(descriptor -> kept.contains(descriptor.digest()) && content.exists(descriptor.digest()));
        List<AttestationStatement> statements = new ArrayList<>();
        if (attestation.isPresent()) {
            for (Descriptor layer : manifest(attestation.get()).layers()) {
                String type = annotation(layer, PREDICATE_TYPE).orElse("");
                if (!type.isEmpty() && (predicateTypes.isEmpty() || predicateTypes.contains(type))) {
                    statements.add(new AttestationStatement(
                            OciJson.MAPPER.valueToTree(layer), type, withStatement ? statement(layer, kept) : null));
                }
            }
        }
        return statements;
    }

    private Manifest manifest(Descriptor attestation) {
        try {
            return OciJson.MAPPER.readValue(
                    content.read(attestation.digest(), ImageStore.MAX_DOCUMENT_BYTES), Manifest.class);
        } catch (IOException | JacksonException e) {
            throw new SystemFailure("cannot read attestation manifest " + attestation.digest(), e);
        }
    }

    private @Nullable JsonNode statement(Descriptor layer, Set<Digest> kept) {
        if (!kept.contains(layer.digest()) || !content.exists(layer.digest())) {
            throw new SystemFailure("attestation statement " + layer.digest() + " is not available locally");
        }
        try {
            return DockerJson.MAPPER.readTree(content.read(layer.digest(), MAX_STATEMENT_BYTES));
        } catch (IOException | JacksonException e) {
            throw new SystemFailure("failed to read attestation statement " + layer.digest(), e);
        }
    }
}
