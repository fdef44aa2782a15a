package io.berth.registryclient;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.outgoing.Addresses;
import java.net.InetAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RegistryTextTest {
    @Test
    void readsChallenges() {
        assertThat(Challenge.parse(List.of(
                        "Bearer realm=\"https://a/token\" , service=\"s,"
                                + " \\\"x\\\"\",scope=\"repository:a/b:pull,push\"",
                        "Basic realm=\"r\", Digest nonce=abc, opaque=\"\"",
                        "Negotiate",
                        "=broken")))
                .containsExactly(
                        new Challenge(
                                "bearer",
                                Map.of(
                                        "realm", "https://a/token",
                                        "service", "s, \"x\"",
                                        "scope", "repository:a/b:pull,push")),
                        new Challenge("basic", Map.of("realm", "r")),
                        new Challenge("digest", Map.of("nonce", "abc", "opaque", "")),
                        new Challenge("negotiate", Map.of()));
    }

    @Test
    void aChallengeMayEndInsideOfAQuotedValue() {
        assertThat(Challenge.parse(List.of("Bearer realm=\"", "Bearer realm=\"https://a", "Bearer realm=\"\\")))
                .containsExactly(
                        new Challenge("bearer", Map.of("realm", "")),
                        new Challenge("bearer", Map.of("realm", "https://a")),
                        new Challenge("bearer", Map.of("realm", "\\")));
    }

    @ParameterizedTest
    @CsvSource({
        "localhost:5000, http",
        "localhost, http",
        "127.0.0.1:5000, http",
        "127.8.9.1, http",
        "[::1]:5000, http",
        "docker.io, https",
        "registry.example.org, https",
        "registry.example.org:5000, https",
        "plain.example.org:80, http",
        "plain.example.org:81, https",
        "all.example.org:1234, http",
        "10.1.2.3:5000, http",
        "11.1.2.3:5000, https",
        "localhost.example.org, https"
    })
    void choosesTheScheme(String domain, String scheme) {
        InsecureRegistries insecure =
                new InsecureRegistries(List.of("plain.example.org:80", "all.example.org", "10.0.0.0/8", "nonsense/8"));
        assertThat(insecure.endpoint(domain).scheme()).isEqualTo(scheme);
    }

    @Test
    void reachesTheHubAtItsOwnHost() {
        RegistryEndpoint hub = new InsecureRegistries(List.of()).endpoint("docker.io");
        assertThat(hub.base()).isEqualTo(URI.create("https://registry-1.docker.io/v2/"));
        assertThat(hub.sameOrigin(URI.create("https://registry-1.docker.io:443/x")))
                .isTrue();
        assertThat(hub.sameOrigin(URI.create("http://registry-1.docker.io/x"))).isFalse();
        assertThat(hub.sameOrigin(URI.create("https://registry-1.docker.io:444/x")))
                .isFalse();
        assertThat(hub.sameOrigin(URI.create("https://docker.io/x"))).isFalse();
    }

    @Test
    void comparesAddressRanges() {
        InetAddress address = InetAddress.ofLiteral("192.168.17.5");
        assertThat(Addresses.inRange(address, "192.168.16.0/20")).isTrue();
        assertThat(Addresses.inRange(address, "192.168.32.0/20")).isFalse();
        assertThat(Addresses.inRange(address, "0.0.0.0/0")).isTrue();
        assertThat(Addresses.inRange(address, "192.168.17.5/32")).isTrue();
        assertThat(Addresses.inRange(address, "192.168.17.5/33")).isFalse();
        assertThat(Addresses.inRange(address, "fd00::/8")).isFalse();
    }

    private static String encoded(String json) {
        return Base64.getUrlEncoder().encodeToString(json.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void readsTheAuthHeader() {
        RegistryCredentials credentials = RegistryCredentials.fromHeader(
                encoded("{\"username\":\"u\",\"password\":\"s3cret??>>\",\"serveraddress\":\"localhost:5000\"}"));
        assertThat(credentials.username()).isEqualTo("u");
        assertThat(credentials.password()).isEqualTo("s3cret??>>");
        assertThat(credentials.toString()).doesNotContain("s3cret");
        String both = Base64.getEncoder().encodeToString("me:pa:ss".getBytes(StandardCharsets.UTF_8));
        RegistryCredentials combined = RegistryCredentials.fromHeader(encoded("{\"auth\":\"" + both + "\"}"));
        assertThat(combined.username()).isEqualTo("me");
        assertThat(combined.password()).isEqualTo("pa:ss");
        assertThat(RegistryCredentials.fromHeader("%%%").present()).isFalse();
        assertThat(RegistryCredentials.fromHeader(encoded("[]")).present()).isFalse();
        assertThat(RegistryCredentials.fromHeader(encoded("{")).present()).isFalse();
        assertThat(RegistryCredentials.fromHeader(null).present()).isFalse();
    }

    @Test
    void bindsCredentialsToTheirRegistry() {
        InsecureRegistries insecure = new InsecureRegistries(List.of());
        RegistryCredentials hub = new RegistryCredentials("u", "p", null, null, "https://index.docker.io/v1/");
        assertThat(hub.boundTo(insecure.endpoint("docker.io")).present()).isTrue();
        assertThat(hub.boundTo(insecure.endpoint("quay.io")).present()).isFalse();
        assertThat(hub.domain()).isEqualTo("docker.io");
        RegistryCredentials quay = new RegistryCredentials("u", "p", null, null, "https://quay.io/v1/");
        assertThat(quay.boundTo(insecure.endpoint("quay.io")).present()).isTrue();
        assertThat(quay.boundTo(insecure.endpoint("quay.io:8443")).present()).isFalse();
    }
}
