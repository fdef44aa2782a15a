package io.berth.image.buildkit.web;

import io.berth.buildkit.BuildRecord;
import io.berth.image.buildkit.BuildKitDoor;
import io.berth.image.caller.Caller;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

/** Which builds by BuildKit's protocol there are and were; for people, who see their projects'. */
@RestController
class BuildsController {
    private static final int LONGEST_ERROR = 500;

    private final BuildKitDoor door;

    BuildsController(BuildKitDoor door) {
        this.door = door;
    }

    /**
     * A build.
     *
     * <pre>{"ref": "k3b…", "by": "alice", "project": "shop", "names": ["shop/app:1"], "target": "web", "created": "2026-…Z", "ended":
     * "2026-…Z", "steps": 9, "cached": 4}</pre>
     *
     * @param by who has begun it; empty for an operator by Docker's socket
     * @param project whose it is; empty for an operator's
     * @param ended absent while it is under way
     * @param error absent unless it has failed
     */
    record BuildView(
            String ref,
            String by,
            String project,
            List<String> names,
            @Nullable String target,
            Instant created,
            @Nullable Instant ended,
            @Nullable String error,
            int steps,
            int cached) {
        static BuildView of(BuildRecord build, Caller by) {
            String error = build.error();
            return new BuildView(
                    build.ref(),
                    by.name(),
                    by.project(),
                    build.names(),
                    build.attributes().get("target"),
                    build.created(),
                    build.ended(),
                    error == null || error.length() <= LONGEST_ERROR ? error : error.substring(0, LONGEST_ERROR),
                    build.steps(),
                    build.cached());
        }
    }

    /** The latest first. */
    @GetMapping("/berth/builds")
    List<BuildView> builds(@RequestHeader(name = Caller.HEADER, required = false) @Nullable String identity) {
        Caller caller = Caller.of(identity, null);
        return door.builds().reversed().stream()
                .map(build -> BuildView.of(build, Caller.of(build.client().identity())))
                .filter(build -> !caller.restricted() || caller.projects().contains(build.project()))
                .toList();
    }
}
