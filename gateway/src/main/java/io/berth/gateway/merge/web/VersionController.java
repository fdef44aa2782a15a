package io.berth.gateway.merge.web;

import io.berth.docker.ApiVersion;
import io.berth.docker.DockerJson;
import io.berth.gateway.merge.MergedVersion;
import io.berth.unixhttp.Build;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** {@code GET /version}, also where there is one node only. */
@RestController
class VersionController {
    /** Clients ask several times in one command. */
    private static final Duration KEPT = Duration.ofSeconds(1);

    private final MergedVersion version;
    private volatile @Nullable Told told;

    private record Told(String json, long at) {}

    VersionController(MergedVersion version) {
        this.version = version;
    }

    /** With the headers that the engine puts on all its answers. */
    @GetMapping({"/version", "/{api:v[0-9.]+}/version"})
    ResponseEntity<String> version() {
        return ResponseEntity.ok()
                .contentType(MediaType.APPLICATION_JSON)
                .header("Api-Version", ApiVersion.MAX.toString())
                .header("Ostype", "linux")
                .header("Server", "Berth/" + Build.current().version() + " (linux)")
                .body(json());
    }

    private String json() {
        Told last = told;
        if (last == null || System.nanoTime() - last.at > KEPT.toNanos()) {
            last = new Told(DockerJson.MAPPER.writeValueAsString(version.now()), System.nanoTime());
            told = last;
        }
        return last.json;
    }
}
