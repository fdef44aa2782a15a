package io.berth.engine.event.web;

import io.berth.docker.ApiVersion;
import io.berth.docker.error.InvalidParameter;
import io.berth.docker.event.EventMessage;
import io.berth.dockerserver.filter.Timestamps;
import io.berth.engine.event.EngineEvent;
import io.berth.engine.event.EngineEvents;
import io.berth.engine.event.EventFilter;
import io.berth.engine.web.Call;
import io.berth.unixhttp.ClientPresence;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** {@code GET /events}. */
@RestController
class EventsController {
    private static final long CHECK_MILLIS = 2_000;

    private final EngineEvents events;

    EventsController(EngineEvents events) {
        this.events = events;
    }

    @GetMapping("/events")
    void events(Call call) throws IOException, InterruptedException {
        Instant now = Instant.now();
        Optional<Instant> since = time(call.text("since"), now);
        Optional<Instant> until = time(call.text("until"), now);
        if (since.isPresent() && until.isPresent() && until.get().isBefore(since.get())) {
            throw new InvalidParameter("`since` time (" + call.text("since") + ") cannot be after `until` time ("
                    + call.text("until") + ")");
        }
        EventFilter filter = new EventFilter(call.filters());
        HttpServletResponse response = call.response();
        EventEncoding encoding = EventEncoding.choose(call.request().getHeader("Accept"), call.version());
        response.setContentType(encoding.mediaType());
        ClientPresence client = ClientPresence.of(call.request());
        try (EngineEvents.Subscription subscription = events.subscribe()) {
            OutputStream out = response.getOutputStream();
            response.flushBuffer();
            for (EngineEvent event : subscription.past()) {
                boolean wanted = (since.isPresent() || until.isPresent())
                        && since.map(start -> !event.at().isBefore(start)).orElse(true)
                        && until.map(end -> !event.at().isAfter(end)).orElse(true);
                if (wanted && filter.matches(event)) {
                    write(out, event, encoding, call.version());
                }
            }
            response.flushBuffer();
            follow(subscription, filter, until.orElse(null), client, encoding, call.version(), response);
        }
    }

    /** Here zero is a time like any other (moby: system_routes.go, eventTime). */
    private static Optional<Instant> time(String text, Instant now) {
        return text.equals("0") ? Optional.of(Instant.EPOCH) : Timestamps.parse(text, now);
    }

    private static void follow(
            EngineEvents.Subscription subscription,
            EventFilter filter,
            @Nullable Instant until,
            ClientPresence client,
            EventEncoding encoding,
            ApiVersion version,
            HttpServletResponse response)
            throws IOException, InterruptedException {
        OutputStream out = response.getOutputStream();
        while (!subscription.cutOff() && (until == null || Instant.now().isBefore(until))) {
            long left = until == null ? CHECK_MILLIS : until.toEpochMilli() - System.currentTimeMillis() + 1;
            Optional<EngineEvent> next = subscription.next(Math.clamp(left, 1, CHECK_MILLIS));
            if (next.isEmpty()) {
                if (client.gone()) {
                    return;
                }
                continue;
            }
            if (filter.matches(next.get())) {
                write(out, next.get(), encoding, version);
                response.flushBuffer();
            }
        }
    }

    private static void write(OutputStream out, EngineEvent event, EventEncoding encoding, ApiVersion version)
            throws IOException {
        // The fields of Docker 1.9 and before were dropped with API 1.52.
        boolean legacy = !version.atLeast(1, 52)
                && (event.type().equals("container") || event.type().equals("image"));
        long nanos = ChronoUnit.NANOS.between(Instant.EPOCH, event.at());
        EventMessage message = new EventMessage(
                legacy ? event.action() : null,
                legacy ? event.subject() : null,
                legacy ? event.attributes().get("image") : null,
                event.type(),
                event.action(),
                new EventMessage.Actor(event.subject(), event.attributes()),
                "local",
                event.at().getEpochSecond(),
                nanos);
        out.write(encoding.encode(message));
    }
}
