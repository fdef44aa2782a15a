package io.berth.engine.stats.web;

import io.berth.docker.DockerJson;
import io.berth.docker.error.InvalidParameter;
import io.berth.engine.container.Container;
import io.berth.engine.container.Containers;
import io.berth.engine.stats.ContainerStats;
import io.berth.engine.stats.ContainerStats.Tick;
import io.berth.engine.stats.Sample;
import io.berth.engine.web.Call;
import io.berth.unixhttp.ClientPresence;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** {@code GET /containers/{id}/stats} (moby: daemon/stats.go). */
@RestController
class StatsController {
    private static final long CHECK_MILLIS = 2_000;

    private final Containers containers;
    private final ContainerStats stats;

    StatsController(Containers containers, ContainerStats stats) {
        this.containers = containers;
        this.stats = stats;
    }

    @GetMapping("/containers/{name}/stats")
    void stats(@PathVariable("name") String name, Call call) throws IOException, InterruptedException {
        Container container = containers.find(name);
        boolean stream = call.flag("stream", true);
        boolean oneShot = call.version().atLeast(1, 41) && call.flag("one-shot");
        if (stream && oneShot) {
            throw new InvalidParameter("cannot have stream=true and one-shot=true");
        }
        call.response().setContentType(MediaType.APPLICATION_JSON_VALUE);
        if (stream) {
            follow(container, call);
            return;
        }
        Optional<Sample> now = stats.now(container);
        if (oneShot || now.isEmpty()) {
            write(container, now.orElse(null), null, call);
            return;
        }
        twice(container, call);
    }

    private void follow(Container container, Call call) throws IOException, InterruptedException {
        ClientPresence client = ClientPresence.of(call.request());
        try (ContainerStats.Listener listener = stats.listen(container)) {
            call.response().flushBuffer();
            @Nullable Sample before = null;
            while (!client.gone()) {
                switch (listener.next(CHECK_MILLIS).orElse(null)) {
                    case Tick.Sampled(Optional<Sample> sample) -> {
                        write(container, sample.orElse(null), before, call);
                        call.response().flushBuffer();
                        before = sample.orElse(null);
                    }
                    case Tick.End _ -> {
                        return;
                    }
                    case null -> {}
                }
            }
        }
    }

    /** Two samples make the deltas right; only the second is answered. */
    private void twice(Container container, Call call) throws IOException, InterruptedException {
        ClientPresence client = ClientPresence.of(call.request());
        try (ContainerStats.Listener listener = stats.listen(container)) {
            @Nullable Sample before = null;
            boolean primed = false;
            while (!client.gone()) {
                switch (listener.next(CHECK_MILLIS).orElse(null)) {
                    case Tick.Sampled(Optional<Sample> sample) -> {
                        if (primed) {
                            write(container, sample.orElse(null), before, call);
                            return;
                        }
                        before = sample.orElse(null);
                        primed = true;
                    }
                    case Tick.End _ -> {
                        return;
                    }
                    case null -> {}
                }
            }
        }
    }

    private static void write(Container container, @Nullable Sample sample, @Nullable Sample before, Call call)
            throws IOException {
        call.response()
                .getOutputStream()
                .write(DockerJson.MAPPER.writeValueAsBytes(StatsViews.of(container, sample, before, call.version())));
        call.response().getOutputStream().write('\n');
    }
}
