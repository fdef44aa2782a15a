package io.berth.engine.container.web;

import io.berth.docker.ApiVersion;
import io.berth.docker.DockerJson;
import io.berth.docker.container.LogConfig;
import io.berth.docker.error.InvalidParameter;
import io.berth.json.Bounds;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The body of a create request, with the engine's own defaults where it says nothing. A pure function. */
final class CreateBody {
    private static final String HOST_CONFIG = "HostConfig";
    private static final String LOG_CONFIG = "LogConfig";
    private static final String TYPE = "Type";
    private static final String CONFIG = "Config";

    private CreateBody() {}

    /**
     * Fills in how the container's output is logged (moby: daemon.mergeAndVerifyLogConfig), and reads the request as its version
     * meant it.
     *
     * @param body JSON
     * @param defaults for containers that choose no driver, or choose this one
     */
    static byte[] withDefaults(byte[] body, LogConfig defaults, ApiVersion version) {
        JsonNode tree;
        try {
            tree = DockerJson.REQUESTS.readTree(body);
        } catch (JacksonException e) {
            throw new InvalidParameter("invalid JSON: " + Bounds.reason(e), e);
        }
        if (!(tree instanceof ObjectNode request)) {
            return body;
        }
        ObjectNode host = object(request, HOST_CONFIG);
        asOfVersion(request, host, version);
        asMeant(host);
        ObjectNode log = object(host, LOG_CONFIG);
        if (text(log.get(TYPE)).isEmpty()) {
            log.put(TYPE, defaults.type());
        }
        boolean sameDriver = text(log.get(TYPE)).equals(defaults.type());
        ObjectNode options = object(log, CONFIG);
        defaults.config().forEach((name, value) -> {
            if ((sameDriver || name.startsWith("cache-")) && !options.has(name)) {
                options.put(name, value);
            }
        });
        return request.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** What means no limit is none, swap goes with memory, and labels with isolation (moby: adaptContainerSettings, generateSecurityOpt). */
    private static void asMeant(ObjectNode host) {
        if (number(host.get("MemorySwappiness")) == -1) {
            host.remove("MemorySwappiness");
        }
        if (number(host.get("PidsLimit")) <= 0) {
            host.remove("PidsLimit");
        }
        long memory = number(host.get("Memory"));
        if (memory > 0 && number(host.get("MemorySwap")) == 0) {
            host.put("MemorySwap", 2 * memory);
        }
        boolean shares = host.path("Privileged").asBoolean(false)
                || text(host.get("IpcMode")).equals("host")
                || text(host.get("PidMode")).equals("host");
        if (shares && host.path("SecurityOpt").isEmpty()) {
            host.putArray("SecurityOpt").add("label=disable");
        }
    }

    private static long number(@Nullable JsonNode node) {
        return node != null && node.isIntegralNumber() ? node.asLong() : 0;
    }

    /** Fields that a version did not have yet are passed over (moby: postContainersCreate). */
    private static void asOfVersion(ObjectNode request, ObjectNode host, ApiVersion version) {
        if (!version.atLeast(1, 25)) {
            host.put("AutoRemove", false); // done by the clients of that time
        }
        if (!version.atLeast(1, 40) && text(host.get("IpcMode")).isEmpty()) {
            host.put("IpcMode", "shareable");
        }
        if (!version.atLeast(1, 42)) {
            host.remove("ConsoleSize");
        }
        if (!version.atLeast(1, 43)) {
            host.remove("Annotations");
        }
        if (!version.atLeast(1, 44) && request.get("Healthcheck") instanceof ObjectNode health) {
            health.remove("StartInterval");
        }
        if (host.get("Mounts") instanceof ArrayNode mounts) {
            mounts.forEach(mount -> mountAsOfVersion(mount, version));
        }
    }

    private static void mountAsOfVersion(JsonNode mount, ApiVersion version) {
        if (mount.get("BindOptions") instanceof ObjectNode bind) {
            if (!version.atLeast(1, 42)) {
                bind.remove("CreateMountpoint");
            }
            if (!version.atLeast(1, 44)) {
                bind.remove(List.of("ReadOnlyNonRecursive", "ReadOnlyForceRecursive"));
            }
        }
        if (mount.get("VolumeOptions") instanceof ObjectNode volume && !version.atLeast(1, 45)) {
            volume.remove("Subpath");
        }
        if (mount.get("TmpfsOptions") instanceof ObjectNode tmpfs && !version.atLeast(1, 46)) {
            tmpfs.remove("Options");
        }
    }

    private static String text(@Nullable JsonNode node) {
        return node != null && node.isString() ? node.stringValue() : "";
    }

    /** The object by that name, made when it is missing or null; anything else is left for the parser to refuse. */
    private static ObjectNode object(ObjectNode parent, String name) {
        JsonNode present = parent.get(name);
        if (present == null || present.isNull()) {
            return parent.putObject(name);
        }
        return present instanceof ObjectNode object ? object : parent.objectNode();
    }
}
