package io.berth.gateway.dashboard.web;

import io.berth.gateway.dashboard.PlatformView;
import io.berth.gateway.dashboard.PlatformViews;
import io.berth.gateway.health.PlatformHealth;
import io.berth.gateway.health.PlatformState;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import org.springframework.http.CacheControl;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Health, state and metrics of the platform. */
@RestController
class PlatformController {
    private final PlatformHealth health;
    private final PlatformViews views;
    private final PrometheusMeterRegistry metrics;

    PlatformController(PlatformHealth health, PlatformViews views, PrometheusMeterRegistry metrics) {
        this.health = health;
        this.views = views;
        this.metrics = metrics;
    }

    /** 200 when every service is up, 503 otherwise; the body is the same. */
    @GetMapping("/health")
    ResponseEntity<PlatformState> health() {
        PlatformState state = health.state();
        return ResponseEntity.status(state.healthy() ? 200 : 503)
                .cacheControl(CacheControl.noStore())
                .body(state);
    }

    @GetMapping("/api/platform")
    ResponseEntity<PlatformView> platform() {
        return ResponseEntity.ok().cacheControl(CacheControl.noStore()).body(views.now());
    }

    /** Prometheus' text exposition format, version 0.0.4. */
    @GetMapping(path = "/metrics", produces = "text/plain; version=0.0.4; charset=utf-8")
    String metrics() {
        return metrics.scrape();
    }
}
