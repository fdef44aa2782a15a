package io.berth.registry.repository.web;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RepositoryPathFilterTest {
    @ParameterizedTest
    @CsvSource({
        "/v2/, /v2/",
        "/v2/_catalog, /v2/_catalog",
        "/v2/a/tags/list, /v2/a/tags/list",
        "/v2/a/b/c/tags/list, /v2/a%2Fb%2Fc/tags/list",
        "/v2/a/b/manifests/latest, /v2/a%2Fb/manifests/latest",
        "/v2/a/b/blobs/sha256:0, /v2/a%2Fb/blobs/sha256:0",
        "/v2/a/b/blobs/uploads/, /v2/a%2Fb/blobs/uploads/",
        "/v2/a/b/blobs/uploads, /v2/a%2Fb/blobs/uploads",
        "/v2/a/b/blobs/uploads/id, /v2/a%2Fb/blobs/uploads/id",
        "/v2/a/b/referrers/sha256:0, /v2/a%2Fb/referrers/sha256:0",
        "/v2/a/blobs/uploads/tags/list, /v2/a%2Fblobs%2Fuploads/tags/list",
        "/v2/a/manifests/manifests/x, /v2/a%2Fmanifests/manifests/x",
        "/v2/a%2Fb/tags/list, /v2/a%252Fb/tags/list",
        "/v2/a;x/tags/list, /v2/a%3Bx/tags/list",
        "/v2/tags/list, /v2/tags/list",
        "/v2/a/b/unknown, /v2/a/b/unknown",
        "/actuator/health, /actuator/health"
    })
    void makesTheNameOneSegment(String path, String routed) {
        assertThat(RepositoryPathFilter.route(path)).isEqualTo(routed);
    }
}
