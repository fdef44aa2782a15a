package io.berth.gateway.dashboard.web;

import io.berth.docker.error.InvalidParameter;
import io.berth.docker.error.NotFound;
import io.berth.gateway.access.IdentityHeader;
import io.berth.gateway.dashboard.PlatformView;
import io.berth.gateway.dashboard.PlatformViews;
import io.berth.gateway.health.PlatformHealth;
import io.berth.gateway.health.PlatformState;
import io.berth.gateway.metrics.PlatformMetrics;
import io.berth.gateway.resilience.BackendGuard;
import io.berth.gateway.resilience.BackendGuards;
import io.berth.gateway.resilience.BreakerCommand;
import io.berth.gateway.resilience.GuardState;
import io.berth.gateway.route.Backend;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.CacheControl;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/** Health, state and metrics of the platform. */
@RestController
class PlatformController {
    private static final Logger LOG = LoggerFactory.getLogger(PlatformController.class);

    private final PlatformHealth health;
    private final PlatformViews views;
    private final BackendGuards guards;
    private final PlatformMetrics metrics;

    PlatformController(PlatformHealth health, PlatformViews views, BackendGuards guards, PlatformMetrics metrics) {
        this.health = health;
        this.views = views;
        this.guards = guards;
        this.metrics = metrics;
    }

    /** 200 when every service is up, 503 otherwise. Strangers are told this much only. */
    @GetMapping("/health")
    ResponseEntity<?> health(HttpServletRequest request) {
        PlatformState state = health.state();
        boolean stranger = request.getHeader(IdentityHeader.NAME) == null;
        return ResponseEntity.status(state.healthy() ? 200 : 503)
                .cacheControl(CacheControl.noStore())
                .body(stranger ? Map.of("status", state.status()) : state);
    }

    @GetMapping("/api/platform")
    ResponseEntity<PlatformView> platform() {
        return ResponseEntity.ok().cacheControl(CacheControl.noStore()).body(views.now());
    }

    /** Of the gateway, all services and all containers, in Prometheus' text exposition format, version 0.0.4. */
    @GetMapping(path = "/metrics", produces = "text/plain; version=0.0.4; charset=utf-8")
    String metrics() {
        return metrics.page();
    }

    /**
     * Has a circuit breaker do what an operator wants.
     *
     * @param backend {@code engine}, {@code image}, {@code registry} or {@code platform}
     * @return what the guard looks like afterwards
     * @throws NotFound when there is no such backend
     * @throws InvalidParameter when there is no such state
     */
    @PostMapping("/api/platform/breakers/{backend}")
    GuardState breaker(@PathVariable String backend, @RequestBody BreakerRequest request) {
        if (request.state() == null) {
            throw new InvalidParameter("invalid state: must be closed, open, half-open or disabled");
        }
        BackendGuard guard = guards.of(Backend.byId(backend));
        BreakerCommand command = BreakerCommand.of(request.state());
        guard.command(command);
        LOG.atInfo()
                .addKeyValue("backend", backend)
                .addKeyValue("state", request.state())
                .log("circuit breaker set by an operator");
        return guard.state();
    }

    /**
     * <pre>{"state":"half-open"}</pre>
     *
     * @param state {@code closed}, {@code open}, {@code half-open} or {@code disabled}
     */
    record BreakerRequest(@Nullable String state) {}
}
