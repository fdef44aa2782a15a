package io.berth.engine.container.web;

import io.berth.docker.DockerJson;
import io.berth.docker.container.TopResponse;
import io.berth.docker.container.WaitResponse;
import io.berth.docker.error.InvalidParameter;
import io.berth.docker.error.NotFound;
import io.berth.engine.container.Container;
import io.berth.engine.container.ContainerState;
import io.berth.engine.container.Containers;
import io.berth.engine.container.KillContainer;
import io.berth.engine.container.NoSuchContainer;
import io.berth.engine.container.PauseContainer;
import io.berth.engine.container.ResizeContainer;
import io.berth.engine.container.RestartContainer;
import io.berth.engine.container.StartContainer;
import io.berth.engine.container.StopContainer;
import io.berth.engine.container.TopContainer;
import io.berth.engine.container.WaitCondition;
import io.berth.engine.container.WaitContainer;
import io.berth.engine.runtime.ContainerLaunch.WindowSize;
import io.berth.engine.web.Call;
import io.berth.unixhttp.ClientPresence;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Containers as things that run: start, stop, kill, restart, wait, top, resize. */
@RestController
class ContainerLifecycleController {
    private static final long CLIENT_CHECK_SECONDS = 5;

    private final Containers containers;
    private final StartContainer start;
    private final StopContainer stop;
    private final KillContainer kill;
    private final RestartContainer restart;
    private final WaitContainer wait;
    private final PauseContainer pause;
    private final TopContainer top;
    private final ResizeContainer resize;

    @SuppressWarnings("TooManyParameters") // one for each operation of this section
    ContainerLifecycleController(
            Containers containers,
            StartContainer start,
            StopContainer stop,
            KillContainer kill,
            RestartContainer restart,
            WaitContainer wait,
            PauseContainer pause,
            TopContainer top,
            ResizeContainer resize) {
        this.containers = containers;
        this.start = start;
        this.stop = stop;
        this.kill = kill;
        this.restart = restart;
        this.wait = wait;
        this.pause = pause;
        this.top = top;
        this.resize = resize;
    }

    @PostMapping("/containers/{name}/start")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void start(@PathVariable("name") String name, Call call) {
        if (!call.text("checkpoint").isEmpty()) {
            throw new InvalidParameter("checkpoints are not supported by this engine");
        }
        start.start(containers.find(name));
    }

    @PostMapping("/containers/{name}/stop")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void stop(@PathVariable("name") String name, Call call) throws InterruptedException {
        Container container = containers.find(name);
        try {
            stop.stop(container, call.text("signal"), seconds(call));
        } catch (InvalidParameter e) {
            throw new InvalidParameter("cannot stop container: " + name + ": " + e.text(), e);
        }
    }

    @PostMapping("/containers/{name}/restart")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void restart(@PathVariable("name") String name, Call call) throws InterruptedException {
        Container container = containers.find(name);
        try {
            restart.restart(container, call.text("signal"), seconds(call));
        } catch (InvalidParameter e) {
            throw new InvalidParameter("Cannot restart container " + name + ": " + e.text(), e);
        }
    }

    @PostMapping("/containers/{name}/kill")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void kill(@PathVariable("name") String name, Call call) throws InterruptedException {
        Container container;
        try {
            container = containers.find(name);
        } catch (NoSuchContainer e) {
            throw new NotFound("cannot kill container: " + name + ": " + e.text());
        }
        kill.kill(container, name, call.text("signal"));
    }

    @PostMapping("/containers/{name}/pause")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void pause(@PathVariable("name") String name) {
        pause.pause(containers.find(name));
    }

    @PostMapping("/containers/{name}/unpause")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void unpause(@PathVariable("name") String name) {
        pause.unpause(containers.find(name));
    }

    private static @Nullable Integer seconds(Call call) {
        return call.number("t").map(Math::toIntExact).orElse(null);
    }

    /**
     * From API 1.30 on the headers go out at once, since {@code docker run} waits for them before it starts the container;
     * before that there were no conditions.
     */
    @PostMapping("/containers/{name}/wait")
    void wait(@PathVariable("name") String name, Call call) throws IOException, InterruptedException {
        boolean conditions = call.version().atLeast(1, 30);
        WaitCondition condition = WaitCondition.parse(conditions ? call.text("condition") : "");
        Container container = containers.find(name);
        CompletableFuture<ContainerState> waited = wait.begin(container, condition);
        ClientPresence client = ClientPresence.of(call.request());
        HttpServletResponse response = call.response();
        response.setContentType(MediaType.APPLICATION_JSON_VALUE);
        if (conditions) {
            response.flushBuffer();
        }
        while (true) {
            try {
                ContainerState state = waited.get(CLIENT_CHECK_SECONDS, TimeUnit.SECONDS);
                // Whoever waits for the removal of a container that could not be started has the reason already.
                boolean silent = state.error().isEmpty() || condition == WaitCondition.REMOVED;
                WaitResponse.@Nullable WaitError error = silent ? null : new WaitResponse.WaitError(state.error());
                response.getOutputStream()
                        .write(DockerJson.MAPPER.writeValueAsBytes(new WaitResponse(state.exitCode(), error)));
                return;
            } catch (TimeoutException e) {
                if (client.gone()) {
                    return;
                }
            } catch (ExecutionException e) {
                throw new IllegalStateException("waiting never fails", e);
            }
        }
    }

    @GetMapping("/containers/{name}/top")
    TopResponse top(@PathVariable("name") String name, Call call) {
        return top.top(containers.find(name), call.text("ps_args"));
    }

    @PostMapping("/containers/{name}/resize")
    void resize(@PathVariable("name") String name, Call call) {
        resize.resize(containers.find(name), windowSize(call));
    }

    static WindowSize windowSize(Call call) {
        int rows =
                Math.toIntExact(call.number("h").orElseThrow(() -> new InvalidParameter("invalid resize height \"\"")));
        int columns =
                Math.toIntExact(call.number("w").orElseThrow(() -> new InvalidParameter("invalid resize width \"\"")));
        return new WindowSize(rows, columns);
    }
}
