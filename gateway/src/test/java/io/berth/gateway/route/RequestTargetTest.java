package io.berth.gateway.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.docker.error.InvalidParameter;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestTargetTest {
    @ParameterizedTest
    @CsvSource({
        "/, /",
        "/_ping, /_ping",
        "/v2/, /v2/",
        "/v1.43/containers/json, /v1.43/containers/json",
        "/images/localhost:5000/a/b/json, /images/localhost:5000/a/b/json",
        "/images/team%2Fapp/json, /images/team/app/json",
        "/v1.24/images/host%3a5000%2fteam%2Fapp:1.0/json, /v1.24/images/host:5000/team/app:1.0/json",
        "/distribution/a%2Fb/json, /distribution/a/b/json",
        "/%63ontainers/%6Ason, /containers/json",
        "/images/a@sha256:ab/json, /images/a@sha256:ab/json",
        "/volumes/a%20b, /volumes/a%20b",
        "/volumes/%C3%A4%f0%9f%90%b3, /volumes/%C3%A4%F0%9F%90%B3",
        "/volumes/a[b], /volumes/a%5Bb%5D",
        "/containers/.../json, /containers/.../json",
        "/info?a=/../b;c, /info?a=/../b;c",
        "/info?filters={\"a\":[\"b|c^`\\<>\"]}, /info?filters=%7B%22a%22:%5B%22b%7Cc%5E%60%5C%3C%3E%22%5D%7D",
        "/info?, /info?"
    })
    void bringsTargetsIntoOneForm(String target, String canonical) {
        assertThat(RequestTarget.parse(target).text()).isEqualTo(canonical);
        // What is canonical stays as it is, so a second look sees the same.
        assertThat(RequestTarget.parse(canonical).text()).isEqualTo(canonical);
    }

    /** A request's head may have twenty thousand of them, and whoever sends it need not be anybody. */
    @Test
    @Timeout(5)
    void takesManyEscapedSlashesInTimeInProportion() {
        String name = "a%2F".repeat(1 << 18) + "b";
        assertThat(RequestTarget.parse("/v1.44/images/" + name + "/json").text())
                .isEqualTo("/v1.44/images/" + name.replace("%2F", "/") + "/json");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "info",
                "*",
                "//info",
                "/containers//json",
                "/containers/../images/json",
                "/containers/./json",
                "/containers/..",
                "/containers/%2e%2e/images/json",
                "/containers/%2E./images/json",
                "/containers/.%2e/images/json",
                "/containers/%2e/json",
                "/containers/a%2Fjson",
                "/containers/%2Fname/json",
                "/v2/a%2Fb/manifests/latest",
                "/images%2Fjson",
                "/v1.43%2Fimages/json",
                "/images/..%2Fcontainers/json",
                "/images/a%2F..%2F..%2Fcontainers/json",
                "/images/a%2F%2Fb/json",
                "/images/%2Fb/json",
                "/containers/%252e%252e/json",
                "/containers/a%25/json",
                "/containers/a%00/json",
                "/containers/a%0d%0a/json",
                "/containers/a%7f/json",
                "/containers/a\\b/json",
                "/containers/a%5cb/json",
                "/containers/a;b=c/json",
                "/containers/a%3bb/json",
                "/containers/a#b",
                "/containers/a%3Fb",
                "/containers/a%23b",
                "/containers/%",
                "/containers/%2",
                "/containers/%zz",
                "/containers/%+1",
                "/containers/%c0%ae%c0%ae/json",
                "/containers/%ff",
                "/containers/\u00e4",
                "/info?a=\u00e4",
                "/info?a=b#c",
                "/v1/info",
                "/v1./info",
                "/v1.2.3/info",
                "/v3.1/info",
                "/v1.9999/info",
                "/v1.56/info",
                "/v1.43/v2/"
            })
    void refusesWhatCouldBeReadInTwoWays(String target) {
        assertThatThrownBy(() -> RequestTarget.parse(target)).isInstanceOf(InvalidParameter.class);
    }

    @Test
    void splitsThePathBehindTheVersion() {
        RequestTarget target = RequestTarget.parse("/v1.43/images/a%2Fb/json?x=1");
        assertThat(target.versioned()).isTrue();
        assertThat(target.segments()).isEqualTo(List.of("images", "a", "b", "json"));
        assertThat(target.first()).isEqualTo("images");
        assertThat(target.last()).isEqualTo("json");
        assertThat(target.query()).isEqualTo("x=1");
        assertThat(RequestTarget.parse("/").segments()).isEmpty();
        assertThat(RequestTarget.parse("/v2/").versioned()).isFalse();
    }
}
