package io.berth.registry.manifest;

import io.berth.fuzz.Fuzzer;
import io.berth.registry.error.RegistryException;
import org.junit.jupiter.api.Test;

/** Manifests that anybody pushes. */
class ManifestFuzzTest {
    private static final String DESCRIPTOR =
            "{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar+gzip\",\"digest\":"
                    + "\"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\",\"size\":3,"
                    + "\"annotations\":{\"a\":\"b\"},\"urls\":[\"u\"],\"data\":\"YQ==\","
                    + "\"platform\":{\"os\":\"linux\",\"architecture\":\"amd64\",\"os.features\":[\"x\"]}}";

    @Test
    void manifests() {
        Fuzzer.of("pushed manifest")
                .examples(
                        "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"config\":"
                                + DESCRIPTOR + ",\"layers\":[" + DESCRIPTOR + "],\"subject\":" + DESCRIPTOR
                                + ",\"artifactType\":\"a/b\",\"annotations\":{\"c\":\"d\"}}",
                        "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.index.v1+json\",\"manifests\":["
                                + DESCRIPTOR + "," + DESCRIPTOR + "]}")
                .words(
                        "null",
                        "[]",
                        "{}",
                        "\"\"",
                        "1e9",
                        "1e999999999",
                        "true",
                        "{\"a\":",
                        "[",
                        "\\ud800",
                        "\"Config\":")
                .refusesBy(RegistryException.class)
                .run(input -> {
                    ManifestCodec.parse(null, input);
                    ManifestCodec.parse("application/vnd.oci.image.manifest.v1+json; charset=utf-8", input);
                });
    }
}
