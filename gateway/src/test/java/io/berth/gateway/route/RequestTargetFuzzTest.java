package io.berth.gateway.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.docker.error.InvalidParameter;
import io.berth.fuzz.Fuzzer;
import org.junit.jupiter.api.Test;

/** Paths in every spelling: one that is taken is the same when the next reader reads it. */
class RequestTargetFuzzTest {
    @Test
    void targets() {
        Fuzzer.of("request target")
                .examples(
                        "/v1.44/containers/json?all=1&filters=%7B%7D",
                        "/images/team%2Fapp:1/json", "/v2/a/b/manifests/sha256:00", "/build?t=a&t=b#c")
                .words("%2e", "%2F", "..", "/./", "//", "%00", "\\", ";", "%25", "/v1.", "?", "%c0%af")
                .refusesBy(InvalidParameter.class)
                .runText(text -> {
                    RequestTarget target = RequestTarget.parse(text);
                    assertThat(RequestTarget.parse(target.text())).isEqualTo(target);
                    assertThat(target.segments()).doesNotContain("..", ".");
                    // Nothing but a slash at the end leaves an empty one.
                    assertThat(target.segments().stream()
                                    .limit(Math.max(0, target.segments().size() - 1)))
                            .doesNotContain("");
                });
    }
}
