package io.berth.engine.system.web;

import io.berth.docker.system.VersionResponse;
import io.berth.engine.system.HostFacts;
import io.berth.engine.web.Call;
import io.berth.engine.web.EngineVersion;
import io.berth.oci.Platform;
import jakarta.servlet.http.HttpServletResponse;
import java.util.List;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.node.ObjectNode;

/** {@code /_ping}, {@code /version} and {@code /info}. */
@RestController
class SystemController {
    private final EngineVersion version;
    private final HostFacts host;
    private final InfoReport info;

    SystemController(EngineVersion version, HostFacts host, InfoReport info) {
        this.version = version;
        this.host = host;
        this.info = info;
    }

    @RequestMapping(
            path = "/_ping",
            method = {RequestMethod.GET, RequestMethod.HEAD})
    ResponseEntity<String> ping(HttpServletResponse response) {
        // 2 is BuildKit: clients that have its plugin use it, others build in the old way.
        response.setHeader("Builder-Version", "2");
        response.setHeader("Docker-Experimental", "false");
        response.setHeader("Cache-Control", "no-cache, no-store, must-revalidate");
        response.setHeader("Pragma", "no-cache");
        response.setHeader("Swarm", "inactive");
        return ResponseEntity.ok().contentType(MediaType.TEXT_PLAIN).body("OK");
    }

    @GetMapping("/version")
    VersionResponse version() {
        String arch = Platform.current().architecture();
        String kernel = host.kernelVersion();
        return VersionResponse.of(
                version.version(),
                version.commit(),
                arch,
                kernel,
                List.of(VersionResponse.engine(version.version(), version.commit(), arch, kernel)));
    }

    @GetMapping("/info")
    ObjectNode info(Call call) {
        return InfoVersions.of(info.report(), call.version());
    }
}
