package io.berth.image.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.docker.error.Forbidden;
import io.berth.docker.error.InvalidParameter;
import io.berth.docker.error.NotFound;
import io.berth.docker.error.Unavailable;
import io.berth.oci.Digest;
import io.berth.outgoing.Destinations;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HttpSourceTest {
    private static final Destinations LOCALHOST_IS_PUBLIC =
            Destinations.publicAnd(List.of()).and(List.of("localhost"));

    @TempDir
    private Path scratch;

    private final TestWeb web = new TestWeb();
    private int fetches;

    @AfterEach
    void stop() {
        web.close();
    }

    private static SourceLimits limits(long maxBytes, Duration maxDuration, Duration silence) {
        return new SourceLimits(maxBytes, maxDuration, silence, Duration.ofSeconds(5), 3, false, Set.of("http"));
    }

    private static SourceLimits limits() {
        return limits(1 << 20, Duration.ofSeconds(20), Duration.ofSeconds(10));
    }

    private FetchedFile fetch(String url) throws IOException {
        return fetch(url, null);
    }

    private FetchedFile fetch(String url, @Nullable Digest expected) throws IOException {
        try (HttpSource source = new HttpSource(limits())) {
            return source.fetch(url, expected, directory(), null, Destinations.ANY);
        }
    }

    private Path directory() throws IOException {
        return Files.createDirectory(scratch.resolve("fetch-" + fetches++));
    }

    private static Digest digest(String text) {
        return Digest.sha256(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void fetchesAFile() throws IOException {
        web.text("/a/b.txt", "content", "Last-Modified", "Wed, 21 Oct 2015 07:28:00 GMT");
        FetchedFile file = fetch(web.url("/a/b.txt?x=y#z"), digest("content"));
        assertThat(file.name()).isEqualTo("b.txt");
        assertThat(file.path()).hasContent("content").hasFileName("b.txt");
        assertThat(file.digest()).isEqualTo(digest("content"));
        assertThat(file.size()).isEqualTo(7);
        assertThat(file.modified()).isEqualTo(Instant.parse("2015-10-21T07:28:00Z"));
        assertThat(Files.getLastModifiedTime(file.path()).toInstant()).isEqualTo(file.modified());
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file.path())))
                .isEqualTo("rw-------");
    }

    @Test
    void anEmptyFileAndABadDateAreFine() throws IOException {
        web.on("/empty", exchange -> {
            exchange.getResponseHeaders().set("Last-Modified", "yesterday");
            exchange.sendResponseHeaders(200, -1);
        });
        FetchedFile file = fetch(web.url("/empty"));
        assertThat(file.size()).isZero();
        assertThat(file.modified()).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "http://h/a/b,'',b",
        "http://h/a/b/,'',b",
        "http://h/a%2Fb,'',b",
        "http://h/..,'',__unnamed__",
        "http://h/x/..%2F..,name,name",
        "http://h/,'',__unnamed__",
        "http://h,name,name",
        "http://h/%0A,'',__unnamed__",
        "http://h/a%5Cb,'',b",
    })
    void namesFiles(URI uri, String disposition, String name) {
        assertThat(HttpSource.name(uri, disposition)).isEqualTo(name);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "attachment; filename=\"a b.txt\"|a b.txt",
                "attachment; filename=a.txt; x=y|a.txt",
                "attachment; filename=\"../../etc/passwd\"|passwd",
                "attachment; filename=\"..\"|``",
                "attachment; filename=\"a\\\"b\"|a\"b",
                "inline|``",
            })
    void readsNamesOfTheServer(String header, String name) {
        assertThat(HttpSource.fileName(header)).isEqualTo(name);
    }

    @Test
    void aWrongDigestLeavesNothing() throws IOException {
        web.text("/f", "content");
        assertThatThrownBy(() -> fetch(web.url("/f"), digest("other")))
                .isInstanceOf(InvalidParameter.class)
                .hasMessageContaining("digest mismatch")
                .hasMessageContaining(digest("content").toString());
        assertThat(scratch.resolve("fetch-0")).isEmptyDirectory();
    }

    @Test
    void saysWhatTheServerSays() {
        web.on("/404", exchange -> TestWeb.send(exchange, 404, new byte[0]));
        web.on("/403", exchange -> TestWeb.send(exchange, 403, new byte[0]));
        web.on("/503", exchange -> TestWeb.send(exchange, 503, new byte[0]));
        web.on("/206", exchange -> TestWeb.send(exchange, 206, new byte[1]));
        web.on("/304", exchange -> TestWeb.send(exchange, 304, new byte[0]));
        assertThatThrownBy(() -> fetch(web.url("/404")))
                .isInstanceOf(NotFound.class)
                .hasMessageContaining("invalid response status 404");
        assertThatThrownBy(() -> fetch(web.url("/403"))).isInstanceOf(InvalidParameter.class);
        assertThatThrownBy(() -> fetch(web.url("/503"))).isInstanceOf(Unavailable.class);
        assertThatThrownBy(() -> fetch(web.url("/206"))).isInstanceOf(InvalidParameter.class);
        assertThatThrownBy(() -> fetch(web.url("/304"))).isInstanceOf(InvalidParameter.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "file:///etc/passwd",
                "ftp://h/x",
                "http:///x",
                "/x",
                "http://u:p@h/x",
                "http://h/a b",
                "jar:file:/x!/y",
                ""
            })
    void refusesOtherAddresses(String url) {
        assertThatThrownBy(() -> fetch(url)).isInstanceOf(InvalidParameter.class);
    }

    @Test
    void aServerThatIsNotThereIsUnavailable() {
        assertThatThrownBy(() -> fetch("http://127.0.0.1:1/x")).isInstanceOf(Unavailable.class);
    }

    @Test
    void followsRedirectsUpToALimit() throws IOException {
        web.text("/end", "x");
        web.redirect("/1", 301, "/2");
        web.redirect("/2", 307, web.named("/end"));
        web.redirect("/loop", 302, "/loop");
        FetchedFile file = fetch(web.url("/1"));
        assertThat(file.path()).hasContent("x");
        assertThat(file.name()).isEqualTo("1");
        assertThatThrownBy(() -> fetch(web.url("/loop"))).hasMessageContaining("more than 3 redirects");
        assertThat(web.requests.stream().filter(request -> request.contains("/loop")))
                .hasSize(4);
    }

    @ParameterizedTest
    @ValueSource(strings = {"file:///etc/passwd", "ftp://h/", "http://u:p@h/", "::", "gopher://127.0.0.1/"})
    void doesNotFollowRedirectsToOtherThings(String location) {
        web.redirect("/r", 302, location);
        assertThatThrownBy(() -> fetch(web.url("/r"))).isInstanceOf(InvalidParameter.class);
    }

    /** Here «localhost» plays a public host, and its address a private one. */
    @Test
    void aPublicServerCannotLeadToAPrivateOne() throws IOException {
        web.text("/secret", "secret");
        web.redirect("/direct", 302, web.url("/secret"));
        web.redirect("/twice", 302, web.named("/direct"));
        web.redirect("/out", 302, web.named("/back"));
        web.redirect("/back", 302, web.url("/secret"));
        try (HttpSource source = new HttpSource(limits(), new HttpFileCache(scratch, 0), LOCALHOST_IS_PUBLIC)) {
            for (String path : new String[] {"/direct", "/twice"}) {
                assertThatThrownBy(() -> source.fetch(web.named(path), null, directory(), null, Destinations.ANY))
                        .as(path)
                        .hasMessageContaining("redirect from a public to a private address refused");
            }
            assertThatThrownBy(() -> source.fetch(web.url("/out"), null, directory(), null, Destinations.ANY))
                    .as("by way of a public one")
                    .hasMessageContaining("redirect from a public to a private address refused");
            assertThat(web.requests.stream().filter(request -> request.contains("/secret")))
                    .isEmpty();
            assertThat(source.fetch(web.url("/direct"), null, directory(), null, Destinations.ANY)
                            .path())
                    .hasContent("secret");
        }
        SourceLimits allowed = new SourceLimits(
                99, Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofSeconds(5), 3, true, Set.of());
        try (HttpSource source = new HttpSource(allowed, new HttpFileCache(scratch, 0), LOCALHOST_IS_PUBLIC)) {
            assertThat(source.fetch(web.named("/direct"), null, directory(), null, Destinations.ANY)
                            .path())
                    .hasContent("secret");
        }
    }

    /** What an operator's build has brought from inside is here now, and still not for everybody. */
    @Test
    void whatIsKeptIsForThoseWhoMayFetchIt() throws IOException {
        web.text("/f", "content", "ETag", "\"1\"");
        try (HttpSource source = new HttpSource(limits(), new HttpFileCache(scratch.resolve("cache"), 1000))) {
            assertThat(source.fetch(web.url("/f"), null, directory(), null, Destinations.ANY)
                            .size())
                    .isEqualTo(7);
            int requests = web.requests.size();
            for (Digest known : new Digest[] {null, digest("content")}) {
                assertThatThrownBy(() -> source.fetch(
                                web.url("/f"), known, directory(), null, Destinations.publicAnd(List.of())))
                        .isInstanceOf(Forbidden.class);
            }
            assertThat(web.requests).hasSize(requests);
        }
    }

    @Test
    void credentialsStayWithTheirHost() throws IOException {
        web.text("/end", "x", "ETag", "\"1\"");
        web.redirect("/same", 302, "/end");
        web.redirect("/other", 302, web.named("/end"));
        HttpFileCache cache = new HttpFileCache(scratch.resolve("cache"), 1 << 20);
        try (HttpSource source = new HttpSource(limits(), cache)) {
            assertThat(source.fetch(web.url("/same"), null, directory(), "Bearer t", Destinations.ANY)
                            .size())
                    .isEqualTo(1);
            assertThat(source.fetch(web.url("/other"), null, directory(), "Bearer t", Destinations.ANY)
                            .size())
                    .isEqualTo(1);
        }
        assertThat(web.requests)
                .containsExactly(
                        "GET /same [Bearer t] []",
                        "GET /end [Bearer t] []",
                        "GET /other [Bearer t] []",
                        "GET /end [] []");
        assertThat(scratch.resolve("cache")).doesNotExist();
    }

    @Test
    void largeFilesEndAtTheLimit() throws IOException {
        web.on("/announced", exchange -> {
            exchange.sendResponseHeaders(200, 1L << 40);
            exchange.getResponseBody().write(1);
            exchange.getResponseBody().flush();
        });
        web.on("/endless", exchange -> {
            exchange.sendResponseHeaders(200, 0);
            byte[] block = new byte[1 << 16];
            while (true) {
                exchange.getResponseBody().write(block); // until the client hangs up
            }
        });
        for (String path : new String[] {"/announced", "/endless"}) {
            assertThatThrownBy(() -> fetch(web.url(path))).as(path).hasMessageContaining("larger than 1048576 bytes");
        }
        assertThat(scratch.resolve("fetch-1")).isEmptyDirectory();
    }

    @Test
    @Timeout(30)
    void slowServersAreGivenUp() throws IOException {
        web.on("/silent", exchange -> {
            exchange.sendResponseHeaders(200, 100);
            exchange.getResponseBody().write(1);
            exchange.getResponseBody().flush();
            sleep(20_000);
        });
        web.on("/drip", exchange -> {
            exchange.sendResponseHeaders(200, 0);
            while (true) {
                exchange.getResponseBody().write(1);
                exchange.getResponseBody().flush();
                sleep(50);
            }
        });
        web.on("/mute", exchange -> sleep(20_000));
        SourceLimits limits = limits(1 << 20, Duration.ofSeconds(2), Duration.ofMillis(700));
        try (HttpSource source = new HttpSource(limits)) {
            assertThatThrownBy(() -> source.fetch(web.url("/silent"), null, directory(), null, Destinations.ANY))
                    .isInstanceOf(Unavailable.class)
                    .hasMessageContaining("nothing came for");
            assertThatThrownBy(() -> source.fetch(web.url("/drip"), null, directory(), null, Destinations.ANY))
                    .isInstanceOf(Unavailable.class)
                    .hasMessageContaining("it takes longer than");
            assertThatThrownBy(() -> source.fetch(web.url("/mute"), null, directory(), null, Destinations.ANY))
                    .isInstanceOf(Unavailable.class);
        }
    }

    private static void sleep(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Test
    void whatBreaksOffIsNotTakenForAFile() throws IOException {
        web.on("/half", exchange -> {
            exchange.sendResponseHeaders(200, 100);
            exchange.getResponseBody().write(new byte[10]);
            exchange.getResponseBody().flush();
        });
        assertThatThrownBy(() -> fetch(web.url("/half"))).isInstanceOf(Unavailable.class);
        assertThat(scratch.resolve("fetch-0")).isEmptyDirectory();
    }

    @Test
    void doesNotWriteOverWhatIsThere() throws IOException {
        web.text("/f", "x");
        Path directory = directory();
        Files.createSymbolicLink(directory.resolve("f"), scratch.resolve("outside"));
        try (HttpSource source = new HttpSource(limits())) {
            assertThatThrownBy(() -> source.fetch(web.url("/f"), null, directory, null, Destinations.ANY))
                    .isInstanceOf(java.nio.file.FileAlreadyExistsException.class);
        }
        assertThat(scratch.resolve("outside")).doesNotExist();
    }

    @Test
    void asksAgainWithTheEntityTag() throws IOException {
        web.on("/f", exchange -> {
            exchange.getResponseHeaders().set("ETag", "\"v1\"");
            exchange.getResponseHeaders().set("Last-Modified", "Wed, 21 Oct 2015 07:28:00 GMT");
            boolean same = "\"v1\"".equals(exchange.getRequestHeaders().getFirst("If-None-Match"));
            TestWeb.send(exchange, same ? 304 : 200, same ? new byte[0] : "content".getBytes(StandardCharsets.UTF_8));
        });
        HttpFileCache cache = new HttpFileCache(scratch.resolve("cache"), 1 << 20);
        try (HttpSource source = new HttpSource(limits(), cache)) {
            FetchedFile first = source.fetch(web.url("/f"), null, directory(), null, Destinations.ANY);
            FetchedFile second = source.fetch(web.url("/f"), null, directory(), null, Destinations.ANY);
            assertThat(second.path()).hasContent("content").isNotEqualTo(first.path());
            assertThat(second.modified()).isEqualTo(first.modified());
            assertThat(web.requests).containsExactly("GET /f [] []", "GET /f [] [\"v1\"]");
            // A digest says which bytes are wanted: then nobody needs to be asked.
            assertThat(source.fetch(web.url("/f"), digest("content"), directory(), null, Destinations.ANY)
                            .size())
                    .isEqualTo(7);
            assertThat(web.requests).hasSize(2);
            assertThatThrownBy(() -> source.fetch(web.url("/f"), digest("other"), directory(), null, Destinations.ANY))
                    .hasMessageContaining("digest mismatch");
        }
    }

    @Test
    void aDamagedCopyIsFetchedAgain() throws IOException {
        web.text("/f", "content", "ETag", "\"1\"");
        HttpFileCache cache = new HttpFileCache(scratch.resolve("cache"), 1 << 20);
        try (HttpSource source = new HttpSource(limits(), cache)) {
            assertThat(source.fetch(web.url("/f"), null, directory(), null, Destinations.ANY)
                            .size())
                    .isEqualTo(7);
            Files.writeString(cache.find(web.url("/f")).orElseThrow().body(), "damaged");
            assertThat(source.fetch(web.url("/f"), digest("content"), directory(), null, Destinations.ANY)
                            .path())
                    .hasContent("content");
        }
    }

    @Test
    void theOldestCopiesGoWhenThereIsNoRoom() throws IOException {
        HttpFileCache cache = new HttpFileCache(scratch.resolve("cache"), 25);
        try (HttpSource source = new HttpSource(limits(), cache)) {
            for (int i = 0; i < 4; i++) {
                web.text("/" + i, "ten bytes " + i % 10, "ETag", "\"1\"");
                assertThat(source.fetch(web.url("/" + i), null, directory(), null, Destinations.ANY)
                                .size())
                        .isEqualTo(11);
                sleep(20);
            }
        }
        assertThat(cache.find(web.url("/3"))).isPresent();
        assertThat(cache.find(web.url("/2"))).isPresent();
        assertThat(cache.find(web.url("/1"))).isEmpty();
        assertThat(cache.find(web.url("/0"))).isEmpty();
    }
}
