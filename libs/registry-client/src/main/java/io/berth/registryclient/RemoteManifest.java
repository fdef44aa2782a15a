package io.berth.registryclient;

import io.berth.json.Bounds;
import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.Index;
import io.berth.oci.Manifest;
import io.berth.oci.MediaType;
import io.berth.oci.OciJson;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * A manifest or index as a registry sent it: exactly these bytes have this digest. It is either one or the other; a document
 * that could be read as both is refused (CVE-2021-41190).
 */
public final class RemoteManifest {
    private static final String SCHEMA_1 = "application/vnd.docker.distribution.manifest.v1";

    private static final Set<String> FIELDS = Set.of(
            "schemaVersion", "mediaType", "config", "layers", "fsLayers", "manifests", "subject", "artifactType");

    private final String mediaType;
    private final Digest digest;
    private final byte[] content;

    private RemoteManifest(String mediaType, Digest digest, byte[] content) {
        this.mediaType = mediaType;
        this.digest = digest;
        this.content = content;
    }

    /**
     * Takes a response's body for what its media type says.
     *
     * @param contentType of the response, empty when it had none
     * @param digest already verified
     * @throws RegistryException when the body is no manifest, an ambiguous one, or of another type than the header says
     */
    static RemoteManifest of(String contentType, Digest digest, byte[] content) throws RegistryException {
        JsonNode document;
        try {
            document = OciJson.MAPPER.readTree(content);
        } catch (JacksonException e) {
            throw new RegistryException(0, "", "manifest " + digest + " is not JSON", e);
        }
        String type = contentType.split(";", 2)[0].strip();
        String stated = document.path("mediaType").asString("");
        if (type.startsWith(SCHEMA_1)
                || stated.startsWith(SCHEMA_1)
                || document.path("schemaVersion").asInt(0) == 1) {
            throw new DeprecatedManifest();
        }
        for (String name : document.propertyNames()) {
            // Readers that do not look at case would take it for the field.
            if (!FIELDS.contains(name) && FIELDS.stream().anyMatch(name::equalsIgnoreCase)) {
                throw RegistryException.corrupt("manifest " + digest + " has an ambiguous field " + name);
            }
        }
        boolean manifest = document.has("layers") || document.has("config") || document.has("fsLayers");
        boolean index = document.has("manifests");
        if (manifest == index) {
            throw RegistryException.corrupt("manifest " + digest + " is neither an image manifest nor an index");
        }
        boolean typeKnown = MediaType.isIndex(type) || MediaType.isManifest(type);
        if (typeKnown && !stated.isEmpty() && !stated.equals(type)) {
            throw RegistryException.corrupt(
                    "manifest " + digest + " says it is " + stated + " but was served as " + type);
        }
        String effective =
                typeKnown ? type : stated.isEmpty() ? index ? MediaType.OCI_INDEX : MediaType.OCI_MANIFEST : stated;
        if (index != MediaType.isIndex(effective) || manifest != MediaType.isManifest(effective)) {
            throw RegistryException.corrupt("unsupported manifest media type and no default available: " + effective);
        }
        return new RemoteManifest(effective, digest, content);
    }

    /** One of {@link MediaType}'s manifest or index types. */
    public String mediaType() {
        return mediaType;
    }

    public Digest digest() {
        return digest;
    }

    /** The bytes as received; a copy. */
    public byte[] content() {
        return content.clone();
    }

    public Descriptor descriptor() {
        return Descriptor.of(mediaType, digest, content.length);
    }

    public boolean isIndex() {
        return MediaType.isIndex(mediaType);
    }

    /**
     * The image manifest.
     *
     * @throws RegistryException when it lacks what the specification requires
     */
    public Manifest manifest() throws RegistryException {
        JsonNode document = OciJson.MAPPER.readTree(content);
        requireDescriptor(document.path("config"));
        requireDescriptors(document.path("layers"));
        return read(Manifest.class);
    }

    /**
     * The index.
     *
     * @throws RegistryException when it lacks what the specification requires
     */
    public Index index() throws RegistryException {
        requireDescriptors(OciJson.MAPPER.readTree(content).path("manifests"));
        return read(Index.class);
    }

    private void requireDescriptors(JsonNode list) throws RegistryException {
        if (!list.isArray()) {
            throw RegistryException.corrupt("invalid manifest " + digest + ": no list of descriptors");
        }
        for (JsonNode descriptor : list) {
            requireDescriptor(descriptor);
        }
    }

    /** Jackson fills what is missing with null or zero, whatever the record says. */
    private void requireDescriptor(JsonNode descriptor) throws RegistryException {
        if (!descriptor.path("mediaType").isString()
                || !descriptor.path("digest").isString()
                || !descriptor.path("size").isIntegralNumber()) {
            throw RegistryException.corrupt(
                    "invalid manifest " + digest + ": a descriptor needs mediaType, digest and size");
        }
    }

    private <T> T read(Class<T> type) throws RegistryException {
        try {
            return OciJson.MAPPER.readValue(content, type);
        } catch (JacksonException e) {
            throw new RegistryException(0, "", "invalid manifest " + digest + ": " + Bounds.reason(e), e);
        }
    }
}
