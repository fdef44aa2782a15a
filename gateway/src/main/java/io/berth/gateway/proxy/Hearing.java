package io.berth.gateway.proxy;

import io.berth.docker.error.ApiException;
import io.berth.gateway.access.Ruling;
import io.berth.gateway.route.Route;
import io.berth.json.Bounds;
import io.berth.json.Room;
import io.berth.unixhttp.HeapWatch;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A request that the gate has not yet ruled on: it keeps what arrives of the body, as little as one read while it waits, and all
 * of it, up to a limit, when the body decides. What was decided on is what is forwarded. Confined to the event loop.
 */
final class Hearing {
    private static final Logger LOG = LoggerFactory.getLogger(Hearing.class);
    private static final String BUSY = "too many large requests are being looked at: try again";
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    /** Up to here a body that is not complete is not counted: connections are, and take as much. */
    private static final int SMALL = 64 * 1024;

    private final ClientConnection client;
    private final HttpRequest head;
    private final Route route;
    private final EventLoop loop;
    private final Deque<HttpContent> parts = new ArrayDeque<>();
    private boolean complete;
    private boolean over;
    private int bytes;
    private int limit = -1;
    private @Nullable Function<ByteBuffer, Ruling> decide;
    private @Nullable ByteBuffer read;
    /** What it has taken of {@link Room#read} and {@link Room#judged}. */
    private long kept;

    private long judged;

    Hearing(ClientConnection client, HttpRequest head, Route route, EventLoop loop) {
        this.client = client;
        this.head = head;
        this.route = route;
        this.loop = loop;
    }

    HttpRequest head() {
        return head;
    }

    Route route() {
        return route;
    }

    /** Goes on by a ruling; ends in {@link ClientConnection#carry} or a refusal. */
    void rule(Ruling ruling) {
        if (over) {
            return;
        }
        switch (ruling) {
            case Ruling.Pass pass -> {
                over = true;
                giveBack();
                client.carry(this, pass);
            }
            case Ruling.Refuse refusal -> {
                cancel();
                client.refuse(refusal);
            }
            case Ruling.Known known -> {
                if (client.known(known.caller())) {
                    rule(known.ruling());
                }
            }
            case Ruling.Later later -> {
                var _ = later.ruling().whenComplete((next, failure) -> loop.execute(() -> settle(next, failure)));
            }
            case Ruling.Read reading -> {
                limit = reading.limit();
                decide = reading.decide();
                readOn();
            }
        }
    }

    private void settle(@Nullable Ruling next, @Nullable Throwable failure) {
        if (over) {
            return;
        }
        if (next != null) {
            ruled(() -> next);
            return;
        }
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof ApiException told) {
            rule(new Ruling.Refuse(told.status(), told.text()));
        } else {
            LOG.atError().setCause(cause).log("no ruling on a request");
            rule(new Ruling.Refuse(503, "it cannot be found out whether this is allowed"));
        }
    }

    private void ruled(Supplier<Ruling> decision) {
        try {
            rule(decision.get());
        } catch (ApiException e) {
            rule(new Ruling.Refuse(e.status(), e.text()));
        } catch (OutOfMemoryError e) {
            boolean _ = HeapWatch.ofProcess().isOutOfMemory(e);
            rule(new Ruling.Refuse(503, "there is no memory for the request: try again"));
        }
    }

    private void readOn() {
        if (HttpUtil.getContentLength(head, 0L) > limit || bytes > limit) {
            rule(new Ruling.Refuse(413, "the request body is larger than " + limit + " bytes"));
        } else if (complete) {
            awaitRoom();
        } else {
            if (HttpUtil.is100ContinueExpected(head)) {
                // Nobody behind the gateway will ask for the body: it is read here.
                head.headers().remove(HttpHeaderNames.EXPECT);
                client.answers().goOn();
            }
            client.read();
        }
    }

    /** While it is a tree, a body takes a multiple of its length. */
    private void awaitRoom() {
        long memory = Bounds.REQUEST.memory(bytes);
        CompletableFuture<Boolean> room = Room.judged().take(memory, PATIENCE);
        if (room.isDone()) {
            judge(memory, room.join());
        } else {
            var _ = room.thenAcceptAsync(granted -> judge(memory, granted), loop);
        }
    }

    private void judge(long memory, boolean granted) {
        if (!granted) {
            rule(new Ruling.Refuse(503, BUSY));
            return;
        }
        judged += memory;
        if (over) {
            giveBack();
        } else {
            ruled(this::decideByBody);
        }
    }

    private void giveBack() {
        Room.judged().giveBack(judged);
        Room.read().giveBack(kept);
        judged = 0;
        kept = 0;
    }

    private Ruling decideByBody() {
        Function<ByteBuffer, Ruling> decision = decide;
        if (decision == null) {
            throw new IllegalStateException("a body is decided on once");
        }
        decide = null;
        limit = -1;
        ByteBuf whole = Unpooled.buffer(Math.max(1, bytes));
        for (HttpContent part; (part = parts.poll()) != null; ) {
            whole.writeBytes(part.content());
            part.release();
        }
        ByteBuffer body = whole.nioBuffer().asReadOnlyBuffer();
        read = body;
        return decision.apply(body.duplicate());
    }

    void content(HttpContent part) {
        if (over) {
            part.release();
            return;
        }
        if (part.decoderResult().isFailure()) {
            part.release();
            rule(new Ruling.Refuse(400, "malformed request body"));
            return;
        }
        int more = part.content().readableBytes();
        bytes += more;
        if (decide != null && bytes > SMALL) {
            if (!Room.read().tryTake(more)) {
                part.release();
                rule(new Ruling.Refuse(503, BUSY));
                return;
            }
            kept += more;
        }
        if (part instanceof LastHttpContent end) {
            complete = true;
            if (!end.trailingHeaders().isEmpty()) {
                end.trailingHeaders().clear();
            }
        }
        parts.add(part);
        if (decide != null && (complete || bytes > limit)) {
            readOn();
        }
    }

    void readComplete() {
        if (!over && decide != null && !complete) {
            client.read();
        }
    }

    /** Hands on what has been read, or what is forwarded instead of it. */
    void replay(Ruling.Pass pass, Exchange exchange) {
        ByteBuffer instead = pass.body() != null ? pass.body() : read;
        if (instead == null) {
            for (HttpContent part; (part = parts.poll()) != null; ) {
                exchange.request().content(part);
            }
            return;
        }
        exchange.request().content(new DefaultLastHttpContent(Unpooled.wrappedBuffer(instead)));
    }

    /** Frames the head for the body that is forwarded. */
    void frame(Ruling.Pass pass) {
        ByteBuffer instead = pass.body() != null ? pass.body() : read;
        if (instead != null) {
            boolean had = HttpUtil.isContentLengthSet(head) || HttpUtil.isTransferEncodingChunked(head);
            head.headers().remove(HttpHeaderNames.TRANSFER_ENCODING);
            if (had || instead.hasRemaining()) {
                head.headers().setInt(HttpHeaderNames.CONTENT_LENGTH, instead.remaining());
            }
        }
    }

    /** The request is given up. */
    void cancel() {
        over = true;
        giveBack();
        for (HttpContent part; (part = parts.poll()) != null; ) {
            part.release();
        }
    }
}
