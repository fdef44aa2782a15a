package io.berth.image.build.attest;

import io.berth.image.build.Builder;
import io.berth.image.build.BuiltImage;
import io.berth.image.build.RootTree;
import io.berth.image.build.sbom.SpdxDocument;
import io.berth.image.content.ContentStore;
import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.ImageReference;
import io.berth.oci.Manifest;
import io.berth.oci.MediaType;
import io.berth.oci.OciJson;
import io.berth.oci.Platform;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Makes statements of what was built and attaches them to images, as BuildKit keeps them (BuildKit:
 * docs/attestations/attestation-storage.md): a manifest of their own beside the image's in an index. Thread-safe.
 */
@Component
public final class BuildAttestations {
    private static final String STATEMENT = "application/vnd.in-toto+json";
    private static final Platform NOWHERE = Platform.of("unknown", "unknown", null);

    private final Builder builder;
    private final ContentStore content;

    BuildAttestations(Builder builder, ContentStore content) {
        this.builder = builder;
        this.content = content;
    }

    /** The statements that were asked for. */
    public List<Statement> statements(AttestationOptions options, BuildFacts facts, BuiltImage built) {
        List<Statement> statements = new ArrayList<>();
        if (options.sbom() != null) {
            try (RootTree files = builder.files(built)) {
                statements.add(new Statement(
                        SpdxDocument.PREDICATE_TYPE,
                        options.sbom(),
                        SpdxDocument.of(files.root(), "sbom", Instant.now())));
            }
        }
        AttestationOptions.Provenance provenance = options.provenance();
        if (provenance != null) {
            statements.add(new Statement(
                    provenance.version().predicateType(),
                    provenance.filename(),
                    new ProvenancePredicate(provenance, facts).json()));
        }
        return statements;
    }

    /** The statements as files, by name, about files by their paths. */
    public Map<String, byte[]> files(List<Statement> statements, List<Statement.Subject> about) {
        Map<String, byte[]> files = new TreeMap<>();
        statements.forEach(statement -> files.put(statement.filename(), statement.of(about)));
        return files;
    }

    /**
     * Writes statements about an image, as an entry for its index.
     *
     * @param built holds the content
     * @param manifest of the image
     * @param names of the image, which it is called by in the statements
     * @param kept gets the digests of all that was written
     */
    public Descriptor attestation(
            BuiltImage built,
            Descriptor manifest,
            Platform platform,
            List<ImageReference> names,
            List<Statement> statements,
            Collection<Digest> kept)
            throws IOException {
        List<Statement.Subject> about = Statement.subjects(names, platform, manifest.digest());
        List<Descriptor> layers = new ArrayList<>();
        for (Statement statement : statements) {
            Descriptor blob = put(built, STATEMENT, statement.of(about), kept);
            layers.add(annotated(blob, Map.of("in-toto.io/predicate-type", statement.predicateType()), null));
        }
        Descriptor config = put(built, MediaType.OCI_CONFIG, config(layers), kept);
        Descriptor attestation = put(
                built,
                MediaType.OCI_MANIFEST,
                OciJson.MAPPER.writeValueAsBytes(
                        new Manifest(2, MediaType.OCI_MANIFEST, null, config, layers, null, null)),
                kept);
        Map<String, String> reference = new LinkedHashMap<>();
        reference.put("vnd.docker.reference.digest", manifest.digest().toString());
        reference.put("vnd.docker.reference.type", "attestation-manifest");
        return annotated(attestation, reference, NOWHERE);
    }

    private Descriptor put(BuiltImage built, String mediaType, byte[] bytes, Collection<Digest> kept)
            throws IOException {
        Descriptor blob = Descriptor.of(mediaType, content.put(built.lease(), bytes), bytes.length);
        kept.add(blob.digest());
        return blob;
    }

    private static Descriptor annotated(
            Descriptor blob, @Nullable Map<String, String> annotations, @Nullable Platform platform) {
        return new Descriptor(blob.mediaType(), blob.digest(), blob.size(), null, annotations, null, null, platform);
    }

    /** Of an image that nobody can run. */
    private static byte[] config(List<Descriptor> layers) {
        ObjectNode config = OciJson.MAPPER.createObjectNode();
        config.put("architecture", "unknown").put("os", "unknown").putObject("config");
        ArrayNode diffIds = config.putObject("rootfs").put("type", "layers").putArray("diff_ids");
        layers.forEach(layer -> diffIds.add(layer.digest().toString()));
        return OciJson.MAPPER.writeValueAsBytes(config);
    }
}
