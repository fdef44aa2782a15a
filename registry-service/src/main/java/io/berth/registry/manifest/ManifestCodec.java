package io.berth.registry.manifest;

import io.berth.json.Bounds;
import io.berth.oci.Descriptor;
import io.berth.oci.Index;
import io.berth.oci.Manifest;
import io.berth.oci.MediaType;
import io.berth.oci.OciJson;
import io.berth.registry.error.ErrorCode;
import io.berth.registry.error.RegistryException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads manifests and indexes strictly: a document that two clients could understand differently is refused.
 *
 * <p>That covers a body with the fields of both kinds (CVE-2021-41190), one whose {@code mediaType} is not the Content-Type,
 * duplicate fields, fields that differ from a known one only in case (Go's decoder takes them), and trailing bytes.
 */
final class ManifestCodec {
    private static final JsonMapper STRICT = Bounds.CONTENT
            .mapper()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private static final Set<String> FIELDS = Set.of(
            "schemaVersion",
            "mediaType",
            "artifactType",
            "config",
            "layers",
            "manifests",
            "subject",
            "annotations",
            "fsLayers",
            "signatures");

    /** Layers that registries are not meant to hold (image specification, layer.md, "Non-Distributable Layers"). */
    private static final String NON_DISTRIBUTABLE = "application/vnd.oci.image.layer.nondistributable.";

    private static final Pattern TYPE = Pattern.compile("[\\x20-\\x7e]{0,255}");

    private ManifestCodec() {}

    /**
     * Validates a document.
     *
     * @param contentType of the request, perhaps with parameters, or null when it had none
     * @throws RegistryException MANIFEST_INVALID, with the reason
     */
    static ManifestDocument parse(@Nullable String contentType, byte[] content) {
        JsonNode tree = tree(content);
        String mediaType = mediaType(contentType, tree);
        try {
            if (MediaType.isIndex(mediaType)) {
                refuseFields(tree, mediaType, "config", "layers", "fsLayers", "signatures");
                return index(mediaType, tree);
            }
            refuseFields(tree, mediaType, "manifests", "fsLayers", "signatures");
            return manifest(mediaType, tree);
        } catch (JacksonException e) {
            throw invalid("not a valid " + mediaType + " document: " + Bounds.reason(e), e);
        }
    }

    private static JsonNode tree(byte[] content) {
        JsonNode tree;
        try {
            tree = STRICT.readTree(content);
        } catch (JacksonException e) {
            throw invalid("not a valid JSON document: " + Bounds.reason(e), e);
        }
        if (!tree.isObject()) {
            throw invalid("not a JSON object", null);
        }
        JsonNode version = tree.get("schemaVersion");
        if (version == null || !version.isIntegralNumber()) {
            throw invalid("schemaVersion is not a number", null);
        }
        for (String name : tree.propertyNames()) {
            for (String known : FIELDS) {
                if (name.equalsIgnoreCase(known) && !name.equals(known)) {
                    throw invalid("ambiguous field " + known + ": wrong case", null);
                }
            }
        }
        return tree;
    }

    private static String mediaType(@Nullable String contentType, JsonNode tree) {
        JsonNode inside = tree.get("mediaType");
        if (inside != null && !inside.isString()) {
            throw invalid("mediaType is not a string", null);
        }
        String declared = contentType == null ? null : withoutParameters(contentType);
        if (declared != null && inside != null && !declared.equals(inside.stringValue())) {
            throw invalid("mediaType is not the content type of the request", null);
        }
        String mediaType = inside != null ? inside.stringValue() : declared;
        if (mediaType == null || !(MediaType.isIndex(mediaType) || MediaType.isManifest(mediaType))) {
            throw invalid("not a media type of manifests or indexes", null);
        }
        if (inside == null && mediaType.startsWith("application/vnd.docker.")) {
            throw invalid("mediaType is missing, which Docker's schema 2 requires", null);
        }
        return mediaType;
    }

    private static String withoutParameters(String contentType) {
        int semicolon = contentType.indexOf(';');
        return (semicolon < 0 ? contentType : contentType.substring(0, semicolon))
                .strip()
                .toLowerCase(Locale.ROOT);
    }

    private static void refuseFields(JsonNode tree, String mediaType, String... names) {
        for (String name : names) {
            if (tree.has(name)) {
                throw invalid("field " + name + " in a " + mediaType + " document", null);
            }
        }
    }

    private static ManifestDocument manifest(String mediaType, JsonNode tree) {
        descriptor(tree.get("config"), "config");
        descriptors(tree.get("layers"), "layers");
        optionalDescriptor(tree);
        requireType(tree.get("artifactType"), "artifactType");
        requireType(tree.path("config").get("mediaType"), "mediaType of the config");
        Manifest manifest = OciJson.MAPPER.treeToValue(tree, Manifest.class);
        List<Descriptor> blobs = new ArrayList<>();
        blobs.add(manifest.config());
        manifest.layers().stream()
                .filter(layer -> !isElsewhere(layer.mediaType()))
                .forEach(blobs::add);
        String artifactType =
                isBlank(manifest.artifactType()) ? manifest.config().mediaType() : manifest.artifactType();
        return new ManifestDocument(
                mediaType, blobs, List.of(), manifest.subject(), artifactType, orEmpty(manifest.annotations()));
    }

    private static ManifestDocument index(String mediaType, JsonNode tree) {
        descriptors(tree.get("manifests"), "manifests");
        optionalDescriptor(tree);
        requireType(tree.get("artifactType"), "artifactType");
        Index index = OciJson.MAPPER.treeToValue(tree, Index.class);
        String artifactType = isBlank(index.artifactType()) ? null : index.artifactType();
        return new ManifestDocument(
                mediaType, List.of(), index.manifests(), index.subject(), artifactType, orEmpty(index.annotations()));
    }

    private static boolean isElsewhere(String mediaType) {
        return mediaType.equals(MediaType.DOCKER_FOREIGN_LAYER_GZIP) || mediaType.startsWith(NON_DISTRIBUTABLE);
    }

    private static boolean isBlank(@Nullable String text) {
        return text == null || text.isBlank();
    }

    private static Map<String, String> orEmpty(@Nullable Map<String, String> annotations) {
        return annotations == null ? Map.of() : annotations;
    }

    private static void descriptors(@Nullable JsonNode node, String field) {
        if (node == null || !node.isArray()) {
            throw invalid(field + " is not a list", null);
        }
        for (JsonNode element : node) {
            descriptor(element, field);
        }
    }

    private static void optionalDescriptor(JsonNode tree) {
        JsonNode subject = tree.get("subject");
        if (subject != null && !subject.isNull()) {
            descriptor(subject, "subject");
        }
    }

    /** Checks what the mapper would let pass: missing fields and numbers that are no sizes. */
    private static void descriptor(@Nullable JsonNode node, String field) {
        boolean complete = node != null
                && node.isObject()
                && isText(node.get("mediaType"))
                && isText(node.get("digest"))
                && isSize(node.get("size"));
        if (!complete) {
            throw invalid(field + " holds an incomplete descriptor", null);
        }
    }

    /** Types are searched by: longer than RFC 6838 allows, or not printable, they are refused instead of cut. */
    private static void requireType(@Nullable JsonNode node, String field) {
        if (node != null
                && !node.isNull()
                && !(node.isString() && TYPE.matcher(node.stringValue()).matches())) {
            throw invalid(field + " is not a media type", null);
        }
    }

    private static boolean isText(@Nullable JsonNode node) {
        return node != null && node.isString();
    }

    private static boolean isSize(@Nullable JsonNode node) {
        return node != null && node.isIntegralNumber() && node.canConvertToLong() && node.longValue() >= 0;
    }

    private static RegistryException invalid(String reason, @Nullable Throwable cause) {
        RegistryException invalid = RegistryException.of(ErrorCode.MANIFEST_INVALID, "manifest invalid: " + reason);
        if (cause != null) {
            invalid.initCause(cause);
        }
        return invalid;
    }
}
