package io.berth.image.build.sbom;

import io.berth.linux.fd.Directory;
import io.berth.oci.OciJson;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes a bill of materials (SPDX 2.3 in JSON): a package for the whole, which contains those that were found.
 *
 * <pre>{"spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": "…", "documentNamespace": "…",
 *  "creationInfo": {…}, "packages": [{"SPDXID": "SPDXRef-Package-1", "name": "zlib1g", "versionInfo": "1:1.3", …}],
 *  "relationships": [{"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": "SPDXRef-Root"}]}</pre>
 */
public final class SpdxDocument {
    /** The predicate of an in-toto statement with one. */
    public static final String PREDICATE_TYPE = "https://spdx.dev/Document";

    private static final String NOTHING_SAID = "NOASSERTION";
    private static final String ROOT = "SPDXRef-Root";

    private SpdxDocument() {}

    /**
     * Scans a root file system.
     *
     * @param root belongs to the caller; does not change meanwhile
     * @param name of what is scanned
     */
    public static ObjectNode of(Directory root, String name, Instant now) {
        return json(new RootFileSystemScan(root).scan(), name, now);
    }

    static ObjectNode json(RootFileSystemScan.Found found, String name, Instant now) {
        ObjectNode document = OciJson.MAPPER
                .createObjectNode()
                .put("spdxVersion", "SPDX-2.3")
                .put("dataLicense", "CC0-1.0")
                .put("SPDXID", "SPDXRef-DOCUMENT")
                .put("name", name)
                .put("documentNamespace", "urn:uuid:" + UUID.randomUUID());
        ObjectNode creation = document.putObject("creationInfo")
                .put("created", now.truncatedTo(ChronoUnit.SECONDS).toString());
        creation.putArray("creators").add("Tool: berth");
        if (!found.remarks().isEmpty()) {
            document.put("comment", String.join("; ", found.remarks()));
        }
        ArrayNode packages = document.putArray("packages");
        ArrayNode relationships = document.putArray("relationships");
        ObjectNode _ = described(packages.addObject(), ROOT, name).put("primaryPackagePurpose", "CONTAINER");
        relate(relationships, "SPDXRef-DOCUMENT", "DESCRIBES", ROOT);
        int number = 0;
        for (SoftwarePackage one : found.packages()) {
            number++;
            String id = "SPDXRef-Package-" + number;
            add(packages.addObject(), id, one);
            relate(relationships, ROOT, "CONTAINS", id);
        }
        return document;
    }

    private static ObjectNode described(ObjectNode node, String id, String name) {
        return node.put("SPDXID", id)
                .put("name", name)
                .put("downloadLocation", NOTHING_SAID)
                .put("filesAnalyzed", false)
                .put("licenseConcluded", NOTHING_SAID)
                .put("licenseDeclared", NOTHING_SAID)
                .put("copyrightText", NOTHING_SAID);
    }

    private static void add(ObjectNode node, String id, SoftwarePackage one) {
        ObjectNode _ = described(node, id, one.name());
        if (!one.version().isEmpty()) {
            node.put("versionInfo", one.version());
        }
        node.put("supplier", one.supplier().isEmpty() ? NOTHING_SAID : supplier(one.supplier()));
        if (!one.license().isEmpty()) {
            // Not in a form that licenseDeclared may have.
            node.put("licenseComments", "declared by the package: " + one.license());
        }
        node.put("sourceInfo", "found in " + one.kind() + " metadata: /" + one.source());
        if (!one.purl().isEmpty()) {
            node.putArray("externalRefs")
                    .addObject()
                    .put("referenceCategory", "PACKAGE-MANAGER")
                    .put("referenceType", "purl")
                    .put("referenceLocator", one.purl());
        }
    }

    /** {@code Person: Name (mail)}. */
    private static String supplier(String text) {
        return "Person: " + text.replace('<', '(').replace('>', ')');
    }

    private static void relate(ArrayNode relationships, String from, String how, String to) {
        relationships
                .addObject()
                .put("spdxElementId", from)
                .put("relationshipType", how)
                .put("relatedSpdxElement", to);
    }
}
