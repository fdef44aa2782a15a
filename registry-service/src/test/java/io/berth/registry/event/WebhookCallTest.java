package io.berth.registry.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.registry.access.RepositoryPattern;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.EnumSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WebhookCallTest {
    private static WebhookProperties properties(boolean allowPrivate) {
        return new WebhookProperties(
                allowPrivate, Duration.ofSeconds(2), Duration.ofSeconds(5), Duration.ofHours(1), Duration.ofDays(7));
    }

    private static Webhook.Settings webhook(String url) {
        return new Webhook.Settings("a", URI.create(url), "", new RepositoryPattern("**"), EnumSet.allOf(Change.class));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "127.1.2.3",
                "0.0.0.0",
                "10.0.0.1",
                "172.16.0.1",
                "172.31.255.255",
                "192.168.1.1",
                "169.254.169.254",
                "100.64.0.1",
                "192.0.0.1",
                "198.18.0.1",
                "224.0.0.1",
                "240.0.0.1",
                "255.255.255.255",
                "::1",
                "::",
                "fe80::1",
                "fc00::1",
                "fd00::1",
                "ff02::1",
                "::ffff:127.0.0.1",
                "::127.0.0.1",
                "64:ff9b::7f00:1",
                "2002:7f00:1::"
            })
    void privateAddressesAreRefused(String address) throws Exception {
        String host = address.contains(":") ? "[" + address + "]" : address;
        assertThatThrownBy(() -> new WebhookCall(properties(false)).send(webhook("http://" + host + ":1/"), "id", "{}"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("private address");
    }

    @ParameterizedTest
    @ValueSource(strings = {"8.8.8.8", "100.128.0.1", "172.32.0.1", "2001:4860:4860::8888", "2606:4700::1111"})
    void publicAddressesAreNot(String address) throws Exception {
        assertThat(WebhookCall.destinations(false).resolve(address, 443))
                .containsExactly(InetAddress.getByName(address));
    }

    /** A name that means this machine is no way round. */
    @Test
    void namesOfPrivateAddressesAreRefused() {
        assertThatThrownBy(() -> new WebhookCall(properties(false)).send(webhook("http://localhost:1/"), "id", "{}"))
                .hasMessageContaining("private address");
    }

    @Test
    void redirectsAndSilenceAreFailures() throws Exception {
        for (String answer : new String[] {
            "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\n\r\n", "HTTP/1.1 500 x\r\n\r\n", "SSH-2.0-x\r\n", ""
        }) {
            try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                Thread thread = Thread.ofVirtual().start(() -> {
                    try (var client = server.accept()) {
                        client.getInputStream().readNBytes(10);
                        client.getOutputStream().write(answer.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
                        client.getOutputStream().flush();
                        Thread.sleep(answer.isEmpty() ? 3000 : 100);
                    } catch (IOException | InterruptedException e) {
                        // the caller says what it saw
                    }
                });
                String url = "http://127.0.0.1:" + server.getLocalPort() + "/";
                assertThatThrownBy(() -> new WebhookCall(properties(true)).send(webhook(url), "id", "{}"))
                        .as(answer)
                        .isInstanceOf(IOException.class);
                thread.interrupt();
            }
        }
    }

    @Test
    void pausesGrowToTheLongest() {
        WebhookProperties properties = properties(false);
        assertThat(properties.pause(1)).isEqualTo(Duration.ofSeconds(5));
        assertThat(properties.pause(2)).isEqualTo(Duration.ofSeconds(10));
        assertThat(properties.pause(5)).isEqualTo(Duration.ofSeconds(80));
        assertThat(properties.pause(30)).isEqualTo(Duration.ofHours(1));
        assertThat(properties.pause(Integer.MAX_VALUE)).isEqualTo(Duration.ofHours(1));
    }
}
