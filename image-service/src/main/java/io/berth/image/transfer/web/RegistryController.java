package io.berth.image.transfer.web;

import io.berth.docker.error.InvalidParameter;
import io.berth.docker.registry.AuthResponse;
import io.berth.docker.registry.DistributionInspect;
import io.berth.image.transfer.DistributionInspection;
import io.berth.image.transfer.registry.RegistryCredentials;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code GET /distribution/{name}/json} and {@code POST /auth} (Engine API, DistributionInspect and SystemAuth). */
@RestController
class RegistryController {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final DistributionInspection inspection;

    RegistryController(DistributionInspection inspection) {
        this.inspection = inspection;
    }

    @GetMapping("/distribution/{name}/json")
    DistributionInspect inspect(
            @PathVariable("name") String name,
            @RequestHeader(name = "X-Registry-Auth", required = false) @Nullable String auth) {
        return inspection.inspect(PullController.reference(name, ""), RegistryCredentials.fromHeader(auth));
    }

    @PostMapping("/auth")
    AuthResponse login(@RequestBody byte[] body) {
        JsonNode json;
        try {
            json = JSON.readTree(body);
        } catch (JacksonException e) {
            throw new InvalidParameter("the request body is not JSON", e);
        }
        return inspection.login(RegistryCredentials.fromJson(json));
    }
}
