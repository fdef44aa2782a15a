package io.berth.image.build.attest;

import io.berth.image.build.PackageUrl;
import io.berth.oci.Digest;
import io.berth.oci.ImageReference;
import io.berth.oci.OciJson;
import io.berth.oci.Platform;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Something that is attested, of whatever it is said of in the end.
 *
 * @param predicateType a URI
 * @param filename of a file with it, where files are exported
 */
public record Statement(String predicateType, String filename, ObjectNode predicate) {
    /**
     * What a statement is about.
     *
     * @param name a package URL or a path; {@code _} for what has none
     */
    public record Subject(String name, Digest digest) {}

    /** An image by its names, or without one. */
    static List<Subject> subjects(List<ImageReference> names, Platform platform, Digest manifest) {
        return names.isEmpty()
                ? List.of(new Subject("_", manifest))
                : names.stream()
                        .map(name -> new Subject(PackageUrl.image(name, platform), manifest))
                        .toList();
    }

    /**
     * The in-toto statement (in-toto attestation framework, Statement v0.1).
     *
     * <pre>{"_type": "https://in-toto.io/Statement/v0.1", "predicateType": "…", "subject": [{"name": "…", "digest": {"sha256": "…"}}],
     *  "predicate": {…}}</pre>
     */
    byte[] of(List<Subject> subjects) {
        ObjectNode statement = OciJson.MAPPER
                .createObjectNode()
                .put("_type", "https://in-toto.io/Statement/v0.1")
                .put("predicateType", predicateType);
        ArrayNode all = statement.putArray("subject");
        for (Subject subject : subjects) {
            all.addObject()
                    .put("name", subject.name())
                    .putObject("digest")
                    .put(subject.digest().algorithm(), subject.digest().hex());
        }
        statement.set("predicate", predicate);
        return OciJson.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(statement);
    }
}
