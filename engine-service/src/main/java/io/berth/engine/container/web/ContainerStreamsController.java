package io.berth.engine.container.web;

import io.berth.docker.error.InvalidParameter;
import io.berth.docker.error.NotImplemented;
import io.berth.docker.stream.StreamFrame;
import io.berth.docker.stream.StreamType;
import io.berth.dockerserver.filter.Timestamps;
import io.berth.engine.container.AttachContainer;
import io.berth.engine.container.Container;
import io.berth.engine.container.Containers;
import io.berth.engine.log.LogFiles;
import io.berth.engine.log.LogQuery;
import io.berth.engine.log.LogReader;
import io.berth.engine.runtime.ContainerProcess.Stream;
import io.berth.engine.stream.DetachKeys;
import io.berth.engine.web.Call;
import io.berth.engine.web.Hijack;
import io.berth.unixhttp.ClientPresence;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/** Containers as things that are listened and talked to: attach and logs. */
@RestController
class ContainerStreamsController {
    private final Containers containers;
    private final AttachContainer attach;

    ContainerStreamsController(Containers containers, AttachContainer attach) {
        this.containers = containers;
        this.attach = attach;
    }

    @PostMapping("/containers/{name}/attach")
    void attach(@PathVariable("name") String name, Call call) throws IOException {
        Container container = containers.find(name);
        DetachKeys keys = DetachKeys.parse(call.text("detachKeys"), "detach");
        call.request().getInputStream().skipNBytes(Math.max(0, call.request().getContentLengthLong()));
        boolean stream = call.flag("stream");
        boolean logs = call.flag("logs");
        boolean multiplexed = !container.snapshot().spec().config().tty();
        AttachContainer.Streams streams = new AttachContainer.Streams(
                stream && call.flag("stdin"), stream && call.flag("stdout"), stream && call.flag("stderr"));
        AttachContainer.Attached attached = attach.attach(container, streams, keys);
        LogQuery past = LogQuery.everything(call.flag("stdout"), call.flag("stderr"));
        try {
            Hijack.take(call.request(), call.response(), Hijack.mediaType(multiplexed, call.version()), (in, out) -> {
                boolean byKeys = false;
                try {
                    if (logs) {
                        replay(container, past, multiplexed, out);
                    }
                    if (stream) {
                        byKeys = attached.session().run(in, out);
                    }
                } finally {
                    attach.detach(container, attached, byKeys);
                }
            });
        } catch (IOException | RuntimeException e) {
            attach.detach(container, attached, false);
            throw e;
        }
    }

    /** The same over a websocket, where output is never multiplexed (moby: wsContainersAttach). */
    @GetMapping("/containers/{name}/attach/ws")
    void attachWebSocket(@PathVariable("name") String name, Call call) throws IOException {
        Container container = containers.find(name);
        DetachKeys keys = DetachKeys.parse(call.text("detachKeys"), "detach");
        boolean all = !call.version().atLeast(1, 42);
        boolean stream = call.flag("stream");
        boolean logs = call.flag("logs");
        boolean stdin = stream && (all || call.flag("stdin"));
        boolean stdout = all || call.flag("stdout");
        boolean stderr = all || call.flag("stderr");
        AttachContainer.Attached attached = attach.attachRaw(
                container, new AttachContainer.Streams(stdin, stream && stdout, stream && stderr), keys);
        try {
            Hijack.takeWebSocket(
                    call.request(),
                    call.response(),
                    !call.version().atLeast(1, 28),
                    attached.feed()::close,
                    (in, out) -> {
                        boolean byKeys = false;
                        try {
                            if (logs) {
                                replay(container, LogQuery.everything(stdout, stderr), false, out);
                            }
                            if (stream) {
                                if (!attached.session().takesInput()) {
                                    watchForClose(in);
                                }
                                byKeys = attached.session().run(in, out);
                            }
                        } finally {
                            attach.detach(container, attached, byKeys);
                        }
                    });
        } catch (IOException | RuntimeException e) {
            attach.detach(container, attached, false);
            throw e;
        }
    }

    /** Somebody has to read, or nobody would notice that the client has gone. */
    private static void watchForClose(InputStream in) {
        Thread _ = Thread.ofVirtual().name("websocket-input").start(() -> {
            try {
                long _ = in.transferTo(OutputStream.nullOutputStream());
            } catch (IOException e) {
                // The connection ends: whoever writes notices.
                return;
            }
        });
    }

    private static void replay(Container container, LogQuery query, boolean multiplexed, OutputStream out)
            throws IOException {
        Optional<LogFiles> log = container.log().readable();
        if (log.isEmpty()) {
            return;
        }
        try {
            new LogReader(log.get(), query, new StreamSink(out, multiplexed, null)).read();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("engine stops");
        }
    }

    @GetMapping("/containers/{name}/logs")
    void logs(@PathVariable("name") String name, Call call) throws IOException, InterruptedException {
        if (!call.flag("stdout") && !call.flag("stderr")) {
            throw new InvalidParameter("Bad parameters: you must choose at least one stream");
        }
        Container container = containers.find(name);
        LogFiles log = container
                .log()
                .readable()
                .orElseThrow(() -> new NotImplemented("configured logging driver does not support reading"));
        LogQuery query = query(call);
        boolean multiplexed = !container.snapshot().spec().config().tty();
        HttpServletResponse response = call.response();
        response.setContentType(Hijack.mediaType(multiplexed, call.version()));
        OutputStream out = response.getOutputStream();
        response.flushBuffer();
        new LogReader(log, query, new StreamSink(out, multiplexed, ClientPresence.of(call.request()))).read();
    }

    private static LogQuery query(Call call) {
        Instant now = Instant.now();
        return new LogQuery(
                call.flag("stdout"),
                call.flag("stderr"),
                Timestamps.parse(call.text("since"), now).orElse(null),
                Timestamps.parse(call.text("until"), now).orElse(null),
                tail(call.text("tail")),
                call.flag("follow"),
                call.flag("timestamps"),
                call.flag("details"));
    }

    /** Docker takes everything that is no number as all lines. */
    private static long tail(String text) {
        return text.matches("\\d{1,18}") ? Long.parseLong(text) : -1;
    }

    /** Writes log lines as the client wants them. */
    private static final class StreamSink implements LogReader.Sink {
        private final OutputStream out;
        private final boolean multiplexed;
        private final @Nullable ClientPresence client;

        StreamSink(OutputStream out, boolean multiplexed, @Nullable ClientPresence client) {
            this.out = out;
            this.multiplexed = multiplexed;
            this.client = client;
        }

        @Override
        public void line(Stream stream, byte[] content) throws IOException {
            if (multiplexed) {
                StreamType type = stream == Stream.STDOUT ? StreamType.STDOUT : StreamType.STDERR;
                out.write(StreamFrame.encode(type, content, 0, content.length));
            } else {
                out.write(content);
            }
        }

        @Override
        public void flush() throws IOException {
            out.flush();
        }

        @Override
        public boolean wanted() {
            return client == null || !client.gone();
        }
    }
}
