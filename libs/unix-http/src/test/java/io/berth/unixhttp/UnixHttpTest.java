package io.berth.unixhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import org.apache.coyote.http11.AbstractHttp11Protocol;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.tomcat.TomcatWebServer;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.client.HttpClientErrorException;
import org.springframework.web.client.ResourceAccessException;
import org.springframework.web.client.RestClient;
import org.springframework.web.service.annotation.GetExchange;

class UnixHttpTest {
    @TempDir
    Path directory;

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @Import(Echo.class)
    static class App {}

    @RestController
    static class Echo {
        @GetMapping("/echo")
        String echo() {
            return "hello from a virtual thread: " + Thread.currentThread().isVirtual();
        }

        /** Writes so many letters, each after a pause. */
        @GetMapping("/letters")
        void letters(@RequestParam int count, @RequestParam long pauseMillis, HttpServletResponse response)
                throws IOException, InterruptedException {
            for (int i = 0; i < count; i++) {
                Thread.sleep(pauseMillis);
                response.getOutputStream().write('x');
                response.flushBuffer();
            }
        }
    }

    interface EchoClient {
        @GetExchange("/echo")
        String echo();
    }

    @Test
    void servesOnlyCallersWithTheCredentialAndTakesOverAStaleSocket() throws Exception {
        Path socket = directory.resolve("echo.sock");
        Files.writeString(socket, "left by a killed process");
        Path keyFile = Files.writeString(directory.resolve("key"), "k".repeat(40));
        Path otherKeyFile = Files.writeString(directory.resolve("other"), "x".repeat(40));
        try (ConfigurableApplicationContext _ = start(socket, keyFile)) {
            assertThat(client(socket, keyFile).echo()).isEqualTo("hello from a virtual thread: true");
            assertThatThrownBy(() -> client(socket, otherKeyFile).echo())
                    .isInstanceOf(HttpClientErrorException.Forbidden.class);
            assertThat(Files.getPosixFilePermissions(socket)).hasSize(2);
            assertThatThrownBy(() -> start(socket, keyFile).close())
                    .rootCause()
                    .hasMessageContaining("another process");
            assertThat(client(socket, keyFile).echo()).startsWith("hello");
        }
    }

    @Test
    void listensOnAPortOfTheLoopbackAddressWhereAsked() throws Exception {
        Path keyFile = Files.writeString(directory.resolve("key"), "k".repeat(40));
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        String[] arguments = {
            "--berth.http.socket=" + directory.resolve("echo.sock"),
            "--berth.http.platform-key-file=" + keyFile,
            "--berth.http.port=" + port
        };
        try (ConfigurableApplicationContext _ = SpringApplication.run(App.class, arguments)) {
            RestClient client = RestClient.create("http://127.0.0.1:" + port);
            assertThatThrownBy(() -> client.get().uri("/echo").retrieve().body(String.class))
                    .isInstanceOf(HttpClientErrorException.Forbidden.class);
            assertThat(client.get()
                            .uri("/echo")
                            .header(PlatformKey.HEADER, "k".repeat(40))
                            .retrieve()
                            .body(String.class))
                    .startsWith("hello");
            assertThat(client(directory.resolve("echo.sock"), keyFile).echo()).startsWith("hello");
        }
    }

    @Test
    void aResponseMayTakeAnyTimeButMayNotBeSilent() throws Exception {
        Path socket = directory.resolve("echo.sock");
        Path keyFile = Files.writeString(directory.resolve("key"), "k".repeat(40));
        RestClient client = UnixHttpClients.builder(socket, PlatformKey.read(keyFile), Duration.ofMillis(1500))
                .build();
        try (ConfigurableApplicationContext _ = start(socket, keyFile)) {
            assertThat(letters(client, 5, 600)).isEqualTo("xxxxx");
            assertThatThrownBy(() -> letters(client, 1, 5_000))
                    .isInstanceOf(ResourceAccessException.class)
                    .hasRootCauseInstanceOf(TimeoutException.class);
        }
    }

    private static String letters(RestClient client, int count, long pauseMillis) {
        return client.get()
                .uri("/letters?count={count}&pauseMillis={pause}", count, pauseMillis)
                .exchangeForRequiredValue(
                        (_, response) -> new String(response.getBody().readAllBytes(), StandardCharsets.US_ASCII));
    }

    @Test
    void remembersNoConnectionThatWasTakenOver() throws Exception {
        Path keyFile = Files.writeString(directory.resolve("key"), "k".repeat(40));
        try (ConfigurableApplicationContext context = start(directory.resolve("echo.sock"), keyFile)) {
            assertThat(((WebServerApplicationContext) context).getWebServer())
                    .isInstanceOfSatisfying(
                            TomcatWebServer.class,
                            server -> assertThat(
                                            server.getTomcat().getConnector().getProtocolHandler())
                                    .isInstanceOfSatisfying(
                                            AbstractHttp11Protocol.class,
                                            protocol -> assertThat(protocol.getUpgradeGroupInfo("tcp"))
                                                    .isNull()));
        }
    }

    @Test
    void refusesAShortKey() throws Exception {
        Path keyFile = Files.writeString(directory.resolve("key"), "short");
        assertThatThrownBy(() -> PlatformKey.read(keyFile)).hasMessageContaining("shorter than 32");
    }

    private static ConfigurableApplicationContext start(Path socket, Path keyFile) {
        return SpringApplication.run(
                App.class, "--berth.http.socket=" + socket, "--berth.http.platform-key-file=" + keyFile);
    }

    private static EchoClient client(Path socket, Path keyFile) {
        RestClient client = UnixHttpClients.builder(socket, PlatformKey.read(keyFile), Duration.ofSeconds(5))
                .build();
        return UnixHttpClients.proxy(client, EchoClient.class);
    }
}
