package io.berth.gateway.proxy;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.docker.error.Forbidden;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BrowserGuardTest {
    private final BrowserGuard guard = new BrowserGuard(Set.of("berth.example"));

    /** The empty name is what Docker's client sends with {@code POST /grpc}: without it BuildKit's clients look for another builder. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "127.0.0.1:2375",
                "[::1]:2375",
                "[::ffff:127.0.0.1]",
                "[2001:DB8::1]:65535",
                "127.0.0.1:",
                "localhost",
                "api.localhost:2375",
                "berth.example",
                "BERTH.example:1"
            })
    void ownNamesPass(String host) {
        assertThatCode(() -> guard.check(host(host), false, false)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "evil.example",
                "localhost.evil.example:2375",
                "[::1",
                "[::1].evil",
                "[::1].evil.example:80",
                "[::1]evil",
                "[::1]:80:80",
                "[::1]:80.evil",
                "[::1]]",
                "[[::1]]",
                "[]",
                "[127.0.0.1]",
                "[localhost]",
                "[berth.example]",
                "[fe80::1%25eth0]",
                "::1",
                "127.0.0.1:80:evil.example",
                "127.0.0.1:evil.example",
                "127.0.0.1:-1",
                "127.0.0.1:99999",
                "127.0.0.1:123456",
                "127.0.0.1.evil.example",
                "127.0.0.1@evil.example",
                "evil.example@127.0.0.1",
                "127.0.0.1/evil.example",
                "127.0.0.1 evil.example",
                "127.0.0.1\tevil.example",
                "127.0.0.1,evil.example",
                "127.0.0.1#",
                "127.0.0.1%00",
                "\u0661\u0662\u0667.0.0.1",
                "127.0.0.1:\u0668\u0660",
                "127.1",
                "0x7f.0.0.1",
                "2130706433",
                "xlocalhost",
                "berth.example.",
                "berth.example.evil",
                "\uff4cocalhost",
                ":80",
                "localhost:80:80"
            })
    void othersDoNot(String host) {
        assertThatThrownBy(() -> guard.check(host(host), true, false)).isInstanceOf(Forbidden.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "127.0.0.1:2375"})
    void foreignPagesDoNot(String host) {
        HttpHeaders headers = host(host).add("Origin", "http://evil.example");
        assertThatThrownBy(() -> guard.check(headers, false, false)).isInstanceOf(Forbidden.class);
        HttpHeaders nothing = host(host).add("Origin", "http://");
        assertThatThrownBy(() -> guard.check(nothing, false, false)).isInstanceOf(Forbidden.class);
    }

    @Test
    void programsWithoutANamePass() {
        assertThatCode(() -> guard.check(new DefaultHttpHeaders(), false, false))
                .doesNotThrowAnyException();
    }

    private static HttpHeaders host(String name) {
        return new DefaultHttpHeaders().add("Host", name);
    }
}
