package io.berth.registry;

import static io.berth.registry.TestRegistry.bytes;

import io.berth.oci.Digest;
import io.berth.oci.MediaType;
import io.berth.registry.TestRegistry.Answer;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A manifest or index for tests, and the repository it is for.
 *
 * @param repository its name
 * @param mediaType that it is pushed with
 * @param json the document
 */
record TestImage(String repository, String mediaType, String json) {
    /** A manifest of a config and a layer that are blobs of the repository already; they differ for each {@code unique}. */
    static TestImage of(TestRegistry registry, String repository, String unique) {
        String config = "{\"unique\":\"" + unique + "\"}";
        String layer = "layer " + unique;
        registry.blob(repository, bytes(config));
        registry.blob(repository, bytes(layer));
        return new TestImage(
                repository,
                MediaType.OCI_MANIFEST,
                "{\n \"schemaVersion\": 2,\"mediaType\": \"" + MediaType.OCI_MANIFEST + "\", \"config\": "
                        + descriptor(MediaType.OCI_CONFIG, config) + ", \"layers\": ["
                        + descriptor(MediaType.OCI_LAYER, layer) + "] }\n");
    }

    /** An index of other documents of the same repository. */
    static TestImage index(List<TestImage> members) {
        return new TestImage(
                members.getFirst().repository(),
                MediaType.OCI_INDEX,
                "{\"schemaVersion\":2,\"mediaType\":\"" + MediaType.OCI_INDEX + "\",\"manifests\":["
                        + members.stream().map(TestImage::descriptor).collect(Collectors.joining(",")) + "]}");
    }

    static String descriptor(String mediaType, String content) {
        return descriptor(mediaType, Digest.sha256(bytes(content)), bytes(content).length);
    }

    static String descriptor(String mediaType, Digest digest, long size) {
        return "{\"mediaType\":\"" + mediaType + "\",\"digest\":\"" + digest + "\",\"size\":" + size + "}";
    }

    String descriptor() {
        return descriptor(mediaType, digest(), content().length);
    }

    /** The same document with more fields, for example {@code "annotations":{}}. */
    TestImage with(String fields) {
        return new TestImage(repository, mediaType, json.replaceFirst("\\{", "{" + fields.replace("\\", "\\\\") + ","));
    }

    TestImage replacing(String old, String replacement) {
        return new TestImage(repository, mediaType, json.replace(old, replacement));
    }

    /** The same document with that of another as its subject. */
    TestImage referringTo(TestImage subject) {
        return with("\"subject\":" + subject.descriptor());
    }

    byte[] content() {
        return bytes(json);
    }

    Digest digest() {
        return Digest.sha256(content());
    }

    /** Its path under a tag, a digest or with parameters. */
    String path(Object reference) {
        return "/v2/" + repository + "/manifests/" + reference;
    }

    Answer put(TestRegistry registry, Object reference) {
        return registry.put(path(reference), mediaType, content());
    }

    /** Pushes it under its digest, which must succeed. */
    TestImage push(TestRegistry registry) {
        return push(registry, digest());
    }

    /** Pushes it, which must succeed. */
    TestImage push(TestRegistry registry, Object reference) {
        Answer answer = put(registry, reference);
        if (answer.status() != 201) {
            throw new AssertionError(answer.status() + " " + answer.text());
        }
        return this;
    }
}
