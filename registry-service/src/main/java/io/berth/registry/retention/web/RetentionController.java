package io.berth.registry.retention.web;

import io.berth.registry.retention.Retention;
import java.util.List;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** What a dashboard shows of retention; whoever wants it done has {@code /actuator/retention}. */
@RestController
final class RetentionController {
    private final Retention retention;

    RetentionController(Retention retention) {
        this.retention = retention;
    }

    /**
     * The tags that no rule keeps now, and that will go unless that changes.
     *
     * <pre>[{"repository": "team/app", "tag": "pr-17", "digest": "sha256:…", "since": "2026-01-01T00:00:00Z", "removed": false}]</pre>
     */
    @GetMapping("/berth/registry/retention")
    List<Retention.Expiring> expiring() {
        return retention.preview();
    }
}
