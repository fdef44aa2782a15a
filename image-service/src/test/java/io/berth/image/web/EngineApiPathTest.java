package io.berth.image.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.docker.ApiVersion;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EngineApiPathTest {
    @ParameterizedTest
    @CsvSource({
        "GET, /v1.45/images/json, 1.45, /images/json",
        "GET, /images/busybox/json, 1.55, /images/busybox/json",
        "GET, /v1.24/images/localhost:5000/a/b:1/json, 1.24, /images/localhost%3A5000%2Fa%2Fb%3A1/json",
        "GET, /images/a%2Fb/json, 1.55, /images/a%2Fb/json",
        "GET, /images/a+b/history, 1.55, /images/a%2Bb/history",
        "POST, /v1.99/images/a/b/push, 1.55, /images/a%2Fb/push",
        "POST, /v1.20/images/a/b/tag, 1.24, /images/a%2Fb/tag",
        "DELETE, /images/a/json, 1.55, /images/a%2Fjson",
        "GET, /images/get, 1.55, /images/get",
        "GET, /distribution/r.io/a/b/json, 1.55, /distribution/r.io%2Fa%2Fb/json",
        "GET, /images/a/b/nothing, 1.55, /images/a/b/nothing",
        "GET, /images/%zz/json, 1.55, /images/%zz/json",
        "GET, /node/v1/images/count, 1.55, /node/v1/images/count",
    })
    void routes(String method, String raw, String version, String path) {
        assertThat(EngineApiPath.of(method, raw)).isEqualTo(new EngineApiPath(ApiVersion.parse(version), path));
    }
}
