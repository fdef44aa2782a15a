package io.berth.engine.plugin.web;

import io.berth.docker.error.NotFound;
import io.berth.docker.error.NotImplemented;
import io.berth.engine.web.Call;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.springframework.http.HttpMethod;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.RestController;

/** Answers as an engine without plugins does (moby: daemon/server/router/plugin). None can be installed. */
@RestController
final class PluginsController {
    private static final Set<String> FILTERS = Set.of("capability", "enabled");
    private static final Set<String> INSTALLING = Set.of("GET /privileges", "POST /pull", "POST /create");
    private static final Set<String> CHANGES = Set.of("enable", "disable", "push", "upgrade", "set");

    @GetMapping("/plugins")
    List<Object> list(Call call) {
        Optional<Boolean> _ = call.filters().acceptOnly(FILTERS).flag("enabled");
        return List.of();
    }

    @RequestMapping(
            path = "/plugins/{*path}",
            method = {RequestMethod.GET, RequestMethod.POST, RequestMethod.DELETE})
    void one(HttpMethod method, @PathVariable("path") String path) {
        if (INSTALLING.contains(method + " " + path)) {
            throw new NotImplemented("plugins are not supported by this engine");
        }
        if (method.equals(HttpMethod.DELETE)) {
            throw noSuch(path.substring(1));
        }
        String verb = path.substring(path.lastIndexOf('/') + 1);
        boolean known = method.equals(HttpMethod.GET) ? verb.equals("json") : CHANGES.contains(verb);
        throw known && path.lastIndexOf('/') > 0 ? noSuch(name(path)) : new NotFound("page not found");
    }

    /** What is between the first slash and the last. */
    private static String name(String path) {
        return path.substring(1, path.lastIndexOf('/'));
    }

    private static NotFound noSuch(String name) {
        return new NotFound("plugin \"" + name + "\" not found");
    }
}
