package io.berth.oci;

import io.berth.fuzz.Fuzzer;
import org.junit.jupiter.api.Test;
import tools.jackson.core.JacksonException;

/** Documents that whoever made an image has written. */
class DocumentFuzzTest {
    private static final String SHA = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    private static final String DESCRIPTOR = "{\"mediaType\":\"a/b\",\"digest\":\"" + SHA
            + "\",\"size\":3,\"annotations\":{\"a\":\"b\"},\"data\":\"YQ==\","
            + "\"platform\":{\"os\":\"linux\",\"architecture\":\"amd64\",\"os.features\":[\"x\"]}}";

    private static Fuzzer fuzzer(String name) {
        return Fuzzer.of(name)
                .words("null", "[]", "{}", "\"\"", "1e9", "1e999999999", "true", "{\"a\":", "[", "\\ud800", "\"size\":")
                .refusesBy(JacksonException.class);
    }

    @Test
    void manifests() {
        fuzzer("manifest document")
                .examples("{\"schemaVersion\":2,\"mediaType\":\"a/b\",\"config\":" + DESCRIPTOR + ",\"layers\":["
                        + DESCRIPTOR + "],\"subject\":" + DESCRIPTOR + ",\"annotations\":{\"c\":\"d\"}}")
                .run(input -> OciJson.MAPPER.readValue(input, Manifest.class));
    }

    @Test
    void indexes() {
        fuzzer("index document")
                .examples("{\"schemaVersion\":2,\"manifests\":[" + DESCRIPTOR + "," + DESCRIPTOR + "]}")
                .run(input -> OciJson.MAPPER.readValue(input, Index.class));
    }

    @Test
    void configurations() {
        fuzzer("configuration document")
                .examples(
                        "{\"architecture\":\"amd64\",\"os\":\"linux\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\""
                                + SHA
                                + "\"]},\"history\":[{\"created_by\":\"x\",\"empty_layer\":true}],\"config\":{\"Env\":[\"A=b\"],"
                                + "\"Labels\":{\"a\":null},\"ExposedPorts\":{\"80/tcp\":{}},\"Healthcheck\":{\"Interval\":1}}}")
                .run(input -> OciJson.MAPPER.readValue(input, ImageConfig.class));
    }
}
