package io.berth.registryclient;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.fuzz.Fuzzer;
import io.berth.oci.Digest;
import java.net.http.HttpHeaders;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Answers of a registry that is broken or hostile. */
class RegistryFuzzTest {
    private static final HttpHeaders NO_HEADERS = HttpHeaders.of(Map.of(), (name, value) -> true);
    private static final String SHA = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    private static final String DESCRIPTOR = "{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar+gzip\","
            + "\"digest\":\"" + SHA + "\",\"size\":3,\"annotations\":{\"a\":\"b\"},\"urls\":[\"u\"],\"data\":\"YQ==\","
            + "\"platform\":{\"os\":\"linux\",\"architecture\":\"amd64\",\"os.features\":[\"x\"]}}";

    @Test
    void manifests() {
        Fuzzer.of("manifest")
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
                        "true",
                        "{\"a\":",
                        "[",
                        "\"config\":",
                        "\\u0000",
                        "1e999999999")
                .refusesBy(RegistryException.class)
                .run(input -> {
                    RemoteManifest manifest = RemoteManifest.of("", Digest.sha256(input), input);
                    if (manifest.isIndex()) {
                        manifest.index();
                    } else {
                        manifest.manifest();
                    }
                });
    }

    @Test
    void challenges() {
        Fuzzer.of("challenge")
                .examples(
                        "Bearer realm=\"https://a/t\",service=\"s\",scope=\"repository:a:pull,push\"",
                        "Basic realm=x, Bearer a=b")
                .words("\"", "\\\"", "=", ",", "Bearer ")
                .runText(text -> Challenge.parse(List.of(text, "Basic")));
    }

    @Test
    void errors() {
        Fuzzer.of("registry error")
                .examples(
                        "{\"errors\":[{\"code\":\"DENIED\",\"message\":\"no\",\"detail\":{\"a\":1}},{\"code\":\"UNKNOWN\"}]}",
                        "{\"details\":\"x\"}",
                        "{\"message\":\"y\"}",
                        "<html>")
                .words("null", "[]", "{}", "\"\"", "1e9", "1e999999999", "[")
                .run(input -> assertThat(RegistryErrors.of(400, NO_HEADERS, input))
                        .extracting(Throwable::getMessage)
                        .isNotNull());
    }
}
