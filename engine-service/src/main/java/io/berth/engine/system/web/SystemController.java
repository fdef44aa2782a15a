package io.berth.engine.system.web;

import io.berth.docker.ApiVersion;
import io.berth.docker.system.VersionResponse;
import io.berth.docker.system.VersionResponse.Component;
import io.berth.docker.system.VersionResponse.PlatformName;
import io.berth.engine.system.HostFacts;
import io.berth.engine.web.Call;
import io.berth.engine.web.EngineVersion;
import io.berth.oci.Platform;
import jakarta.servlet.http.HttpServletResponse;
import java.util.List;
import java.util.Map;
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
    private static final String BUILD_TIME = "2026-01-01T00:00:00.000000000+00:00";

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
        response.setHeader("Builder-Version", "1");
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
        Component engine = new Component(
                "Engine",
                version.version(),
                Map.of(
                        "ApiVersion",
                        ApiVersion.MAX.toString(),
                        "MinAPIVersion",
                        ApiVersion.MIN.toString(),
                        "Arch",
                        arch,
                        "Os",
                        "linux",
                        "KernelVersion",
                        kernel,
                        "BuildTime",
                        BUILD_TIME,
                        "Experimental",
                        "false",
                        "GitCommit",
                        "",
                        "GoVersion",
                        ""));
        return new VersionResponse(
                new PlatformName("Berth"),
                List.of(engine),
                version.version(),
                ApiVersion.MAX.toString(),
                ApiVersion.MIN.toString(),
                "",
                "",
                "linux",
                arch,
                kernel,
                BUILD_TIME);
    }

    @GetMapping("/info")
    ObjectNode info(Call call) {
        return InfoVersions.of(info.report(), call.version());
    }
}
