package io.berth.gateway.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.docker.error.ApiException;
import io.berth.fuzz.Fuzzer;
import io.berth.gateway.access.Arrival;
import io.berth.gateway.access.Ruling;
import io.berth.gateway.route.Backend;
import io.berth.gateway.route.RequestTarget;
import io.berth.unixhttp.PlatformKey;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestEncoder;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Heads and bodies of HTTP from clients and backends, however they are cut into pieces. */
class HeadFuzzTest {
    private static final int MAX_HEAD = 16 * 1024;
    /** The codec joins the folded lines of a header one by one, which takes the square of a head's length. */
    private static final long FOLDED = 8L << 30;

    private static final String KEY = "0123456789abcdef0123456789abcdef";
    private static final Arrival ARRIVAL = new Arrival(true, false, "10.0.0.1", null);
    private static final String[] WORDS = {
        "\r\n\r\n",
        "\n",
        "\r",
        " ",
        "\t",
        ":",
        ": ",
        ",",
        "Content-Length: 3\r\n",
        "Content-Length: +3\r\n",
        "Transfer-Encoding: chunked\r\n",
        "Transfer-Encoding:\u000bchunked\r\n",
        "Transfer-Encoding: identity\r\n",
        "Transfer_Encoding: chunked\r\n",
        "Connection: upgrade, content-length\r\n",
        "Host: b\r\n",
        "Berth_Platform-Key: x\r\n",
        "Expect: 100-continue\r\n",
        "3\r\nabc\r\n",
        "0\r\n\r\n",
        "3;a=b\r\n",
        "HTTP/1.0",
        "GET /a HTTP/1.1\r\nHost: a\r\n\r\n",
    };

    @TempDir
    private Path directory;

    @Test
    void requests() throws Exception {
        HeaderRules rules = new HeaderRules(PlatformKey.read(Files.writeString(directory.resolve("key"), KEY)));
        Fuzzer.of("HTTP request")
                .examples(
                        lines(
                                "GET /v1.44/containers/json?all=1 HTTP/1.1",
                                "Host: docker",
                                "User-Agent: a",
                                "",
                                "HEAD /_ping HTTP/1.1",
                                "Host: docker",
                                "Connection: close",
                                "",
                                ""),
                        lines(
                                "POST /build HTTP/1.1",
                                "Host: a",
                                "Transfer-Encoding: chunked",
                                "Trailer: X",
                                "",
                                "5;x=y",
                                "abcde",
                                "0",
                                "X: y",
                                "",
                                ""),
                        lines(
                                "POST /session HTTP/1.1",
                                "Host: a",
                                "Connection: Upgrade",
                                "Upgrade: h2c",
                                "X-Docker-Expose-Session-Uuid: b",
                                "Content-Length: 4",
                                "",
                                "bodyPRI *"))
                .words(WORDS)
                .refusesBy(ApiException.class)
                .costing(8)
                .allocating(FOLDED)
                .run(input -> request(input, rules));
    }

    @Test
    void responses() {
        Fuzzer.of("HTTP response")
                .examples(
                        lines(
                                "HTTP/1.1 200 OK",
                                "Content-Length: 3",
                                "Location: http://localhost/a/b",
                                "",
                                "abcHTTP/1.1 204 No Content",
                                "",
                                ""),
                        lines("HTTP/1.1 101 UPGRADED", "Connection: Upgrade", "Upgrade: tcp", "", "raw"),
                        lines("HTTP/1.0 404 Not Found", "Transfer-Encoding: chunked", "", "2", "ab", "0", "", ""))
                .words(WORDS)
                .costing(8)
                .allocating(FOLDED)
                .run(HeadFuzzTest::response);
    }

    private static String lines(String... lines) {
        return String.join("\r\n", lines);
    }

    private static void request(byte[] input, HeaderRules rules) {
        List<Object> whole = decoded(new RequestDecoder(MAX_HEAD), input, input.length);
        List<Object> pieces = decoded(new RequestDecoder(MAX_HEAD), input, 7);
        assertThat(texts(pieces)).isEqualTo(texts(whole));
        pieces.forEach(ReferenceCountUtil::release);
        try {
            for (Object object : whole) {
                if (object instanceof HttpRequest head && head.decoderResult().isSuccess()) {
                    forward(head, rules);
                }
            }
        } finally {
            whole.forEach(ReferenceCountUtil::release);
        }
    }

    /** What is sent to a backend is one head, which means to it what it meant here, with one key. */
    private static void forward(HttpRequest head, HeaderRules rules) {
        HeaderRules.checkMethod(head);
        HeaderRules.checkFraming(head);
        RequestTarget target = RequestTarget.parse(HeaderRules.originForm(head.uri()));
        @Nullable String upgrade = HeaderRules.upgrade(head);
        rules.forward(head, Backend.ENGINE, ARRIVAL, new Ruling.Pass(null, false, target, null, null), upgrade);
        head.setUri(target.text());
        EmbeddedChannel encoder = new EmbeddedChannel(new HttpRequestEncoder());
        encoder.writeOutbound(head);
        ByteBuf sent = encoder.readOutbound();
        byte[] bytes = new byte[sent.readableBytes()];
        sent.readBytes(bytes).release();
        encoder.finishAndReleaseAll();
        List<Object> received = decoded(new RequestDecoder(4 * MAX_HEAD), bytes, bytes.length);
        assertThat(received).first().isInstanceOfSatisfying(HttpRequest.class, again -> {
            assertThat(again.decoderResult().isSuccess()).isTrue();
            assertThat(again.method()).isEqualTo(head.method());
            assertThat(again.uri()).isEqualTo(head.uri());
            assertThat(fields(again)).isEqualTo(fields(head));
            assertThat(again.headers().getAll(PlatformKey.HEADER)).containsExactly(KEY);
        });
        assertThat(received).filteredOn(HttpMessage.class::isInstance).hasSize(1);
        received.forEach(ReferenceCountUtil::release);
    }

    /** Blanks around a value mean nothing. */
    private static List<String> fields(HttpMessage message) {
        return message.headers().entries().stream()
                .map(field -> field.getKey() + ": " + field.getValue().strip())
                .toList();
    }

    private static void response(byte[] input) {
        for (boolean head : new boolean[] {false, true}) {
            List<Object> whole = decoded(decoder(head), input, input.length);
            List<Object> pieces = decoded(decoder(head), input, 7);
            assertThat(texts(pieces)).isEqualTo(texts(whole));
            pieces.forEach(ReferenceCountUtil::release);
            for (Object object : whole) {
                if (object instanceof HttpResponse response) {
                    HeaderRules.giveBack(response);
                    HeaderRules.relocate(response.headers(), "a");
                }
            }
            whole.forEach(ReferenceCountUtil::release);
        }
    }

    private static BackendResponseDecoder decoder(boolean answersHead) {
        BackendResponseDecoder decoder = new BackendResponseDecoder();
        decoder.expect(answersHead);
        return decoder;
    }

    /** Hands over an input in pieces of up to so many bytes, and whatever waits behind each request. */
    private static List<Object> decoded(ChannelHandler decoder, byte[] input, int most) {
        EmbeddedChannel channel = new EmbeddedChannel(decoder);
        SplittableRandom random = new SplittableRandom(input.length);
        List<Object> all = new ArrayList<>();
        // Long inputs are cut into longer pieces, which would be too many otherwise.
        int longest = most == input.length ? most : Math.max(most, input.length / 100);
        for (int at = 0; at < input.length; ) {
            int length = most == input.length ? most : Math.min(input.length - at, 1 + random.nextInt(longest));
            channel.writeInbound(Unpooled.copiedBuffer(input, at, length));
            take(channel, decoder, all);
            at += length;
        }
        channel.finish();
        take(channel, decoder, all);
        return all;
    }

    private static void take(EmbeddedChannel channel, ChannelHandler decoder, List<Object> into) {
        for (Object next = channel.readInbound(); next != null; next = channel.readInbound()) {
            into.add(next);
            if (decoder instanceof RequestDecoder requests && next instanceof LastHttpContent) {
                requests.next();
                channel.runPendingTasks();
            }
        }
    }

    /** What was decoded, bodies in one piece, up to where nothing can be read any more. */
    private static List<String> texts(List<Object> objects) {
        List<String> texts = new ArrayList<>();
        StringBuilder body = new StringBuilder();
        for (Object object : objects) {
            if (object instanceof HttpObject part && part.decoderResult().isFailure()) {
                texts.add("failure");
                return texts;
            }
            if (object instanceof HttpMessage message) {
                texts.add(message.toString());
            }
            if (object instanceof HttpContent content) {
                body.append(content.content().toString(StandardCharsets.ISO_8859_1));
            }
            if (object instanceof LastHttpContent last) {
                texts.add(body + " " + last.trailingHeaders());
                body.setLength(0);
            }
        }
        texts.add(body.toString());
        return texts;
    }
}
