package io.berth.engine.exec.web;

import io.berth.docker.error.ApiException;
import io.berth.docker.error.InvalidParameter;
import io.berth.docker.exec.ExecCreateRequest;
import io.berth.docker.exec.ExecCreateResponse;
import io.berth.docker.exec.ExecInspectResponse;
import io.berth.docker.exec.ExecInspectResponse.ProcessConfig;
import io.berth.docker.exec.ExecStartRequest;
import io.berth.docker.stream.StreamFrame;
import io.berth.docker.stream.StreamType;
import io.berth.engine.container.Containers;
import io.berth.engine.container.LaunchPlan;
import io.berth.engine.exec.CreateExec;
import io.berth.engine.exec.Exec;
import io.berth.engine.exec.Execs;
import io.berth.engine.exec.ResizeExec;
import io.berth.engine.exec.StartExec;
import io.berth.engine.runtime.ContainerLaunch.WindowSize;
import io.berth.engine.stream.AttachSession;
import io.berth.engine.web.Call;
import io.berth.engine.web.Hijack;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** The exec section. */
@RestController
class ExecController {
    private final Containers containers;
    private final Execs execs;
    private final CreateExec create;
    private final StartExec start;
    private final ResizeExec resize;

    ExecController(Containers containers, Execs execs, CreateExec create, StartExec start, ResizeExec resize) {
        this.containers = containers;
        this.execs = execs;
        this.create = create;
        this.start = start;
        this.resize = resize;
    }

    @PostMapping("/containers/{name}/exec")
    @ResponseStatus(HttpStatus.CREATED)
    ExecCreateResponse create(@PathVariable("name") String name, Call call) throws IOException {
        ExecCreateRequest order = call.json(ExecCreateRequest.class);
        return new ExecCreateResponse(
                create.create(containers.find(name), name, order).id().value());
    }

    @PostMapping("/exec/{id}/start")
    void start(@PathVariable("id") String id, Call call) throws IOException {
        // The body has to be read before the connection is taken over.
        ExecStartRequest request =
                call.optionalJson(ExecStartRequest.class).orElse(new ExecStartRequest(false, false, null));
        Exec exec = execs.find(id);
        @Nullable WindowSize size = LaunchPlan.windowSize(request.consoleSize());
        start.claim(exec);
        if (request.detach()) {
            start.start(exec, size);
            return;
        }
        AttachSession session = start.attach(exec);
        boolean multiplexed = !exec.order().tty();
        Hijack.take(
                call.request(),
                call.response(),
                Hijack.mediaType(multiplexed, call.version()),
                (in, out) -> converse(exec, size, session, multiplexed, in, out));
    }

    /**
     * The same over a websocket, for terminals in browsers: Berth's own, since Docker's API has none. Output is never
     * multiplexed; the query's {@code h} and {@code w}, in characters, are the terminal's first size. What
     * runs in a terminal is told to end with the connection: nobody can come back to it.
     */
    @GetMapping("/berth/exec/{id}/ws")
    void startWebSocket(@PathVariable("id") String id, Call call) throws IOException {
        Exec exec = execs.find(id);
        if (!exec.order().attachStdin()) {
            // Nobody would read what the client sends, so nobody would see it go.
            throw new InvalidParameter("exec command " + exec.id() + " takes no input: it has no websocket");
        }
        @Nullable WindowSize size = windowSize(call);
        Hijack.requireWebSocket(call.request());
        start.claim(exec);
        StartExec.Attached attached = start.attachRaw(exec);
        Hijack.takeWebSocket(call.request(), call.response(), false, attached.feed()::close, (in, out) -> {
            converse(exec, size, attached.session(), false, in, out);
            start.hangUp(exec);
        });
    }

    private static @Nullable WindowSize windowSize(Call call) {
        Optional<Long> rows = call.number("h");
        Optional<Long> columns = call.number("w");
        return rows.isEmpty() || columns.isEmpty()
                ? null
                : LaunchPlan.windowSize(List.of(Math.toIntExact(rows.get()), Math.toIntExact(columns.get())));
    }

    /** From here on errors go into the stream, where the CLI expects them; the exit code tells the rest. */
    private void converse(
            Exec exec,
            @Nullable WindowSize size,
            AttachSession session,
            boolean multiplexed,
            InputStream in,
            OutputStream out)
            throws IOException {
        try {
            start.start(exec, size);
        } catch (ApiException e) {
            byte[] text = (e.text() + "\r\n").getBytes(StandardCharsets.UTF_8);
            out.write(multiplexed ? StreamFrame.encode(StreamType.STDOUT, text, 0, text.length) : text);
            out.flush();
            return;
        }
        if (session.run(in, out)) {
            start.detached(exec);
        }
    }

    @PostMapping("/exec/{id}/resize")
    void resize(@PathVariable("id") String id, Call call) {
        int rows =
                Math.toIntExact(call.number("h").orElseThrow(() -> new InvalidParameter("invalid resize height \"\"")));
        int columns =
                Math.toIntExact(call.number("w").orElseThrow(() -> new InvalidParameter("invalid resize width \"\"")));
        resize.resize(execs.find(id), new WindowSize(rows, columns));
    }

    @GetMapping("/exec/{id}/json")
    ExecInspectResponse inspect(@PathVariable("id") String id) {
        Exec exec = execs.find(id);
        ExecCreateRequest order = exec.order();
        List<String> arguments = order.cmd().subList(1, order.cmd().size());
        return new ExecInspectResponse(
                exec.id().value(),
                exec.running(),
                exec.exitCode().orElse(null),
                new ProcessConfig(
                        order.tty(),
                        order.cmd().getFirst(),
                        arguments,
                        order.privileged(),
                        order.user().isEmpty() ? null : order.user()),
                order.attachStdin(),
                order.attachStderr(),
                order.attachStdout(),
                exec.exitCode().isPresent(),
                exec.container().id().value(),
                order.detachKeys(),
                exec.pid());
    }
}
