package io.berth.image.build.web;

import io.berth.docker.Decimal;
import io.berth.docker.DockerJson;
import io.berth.docker.error.ApiException;
import io.berth.docker.error.Forbidden;
import io.berth.docker.error.InvalidParameter;
import io.berth.docker.error.NotImplemented;
import io.berth.docker.image.JsonMessage;
import io.berth.image.build.BuildFailure;
import io.berth.image.build.BuildRequest;
import io.berth.image.build.Builder;
import io.berth.image.build.BuiltImage;
import io.berth.image.build.CacheExchange;
import io.berth.image.build.ContextDirectory;
import io.berth.image.build.RemoteSources;
import io.berth.image.build.SourceDate;
import io.berth.image.caller.Caller;
import io.berth.image.data.DataDirectory;
import io.berth.image.event.ImageEvents;
import io.berth.image.layer.LayerStore;
import io.berth.image.progress.ProgressStream;
import io.berth.image.store.Image;
import io.berth.image.store.RepoTag;
import io.berth.node.BuildStep.Limits;
import io.berth.oci.ImageReference;
import io.berth.oci.Platform;
import io.berth.registryclient.RegistryCredentials;
import io.berth.unixhttp.ClientPresence;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * {@code POST /build}: the classic builder's endpoint (Engine API, ImageBuild), which the CLI without buildx, docker-java, docker-py
 * and Testcontainers use.
 */
@RestController
class BuildController {
    private static final Logger LOG = LoggerFactory.getLogger(BuildController.class);
    private static final String COMMAND = "process \"";

    private final Builder builder;
    private final DataDirectory data;
    private final LayerStore layers;
    private final ImageEvents events;
    private final RemoteSources sources;

    BuildController(Builder builder, DataDirectory data, LayerStore layers, ImageEvents events, RemoteSources sources) {
        this.builder = builder;
        this.data = data;
        this.layers = layers;
        this.events = events;
        this.sources = sources;
    }

    @PostMapping("/build")
    void build(HttpServletRequest request, HttpServletResponse response) throws IOException, InterruptedException {
        Query query = new Query(request);
        if (query.text("version").equals("2")) {
            throw new NotImplemented(
                    "builds of a BuildKit session come by docker buildx: this client's way is not served");
        }
        if (query.flag("squash")) {
            throw new InvalidParameter("squash is not supported: a build's layers are shared with other images");
        }
        if (!query.text("outputs").isEmpty() && !query.text("outputs").equals("[]")) {
            throw new NotImplemented("the classic builder has no outputs: use docker buildx build --output");
        }
        Caller caller = Caller.of(request.getHeader(Caller.HEADER), query.text(Caller.HIDDEN));
        List<ImageReference> tags = names(request.getParameterValues("t"));
        String dockerfileName = dockerfileName(query.text("dockerfile"));
        try (ContextDirectory context = context(request, query, caller, dockerfileName)) {
            // What follows the end of the archive: only then does the connection tell whether the client is there.
            long _ = request.getInputStream().transferTo(OutputStream.nullOutputStream());
            try (ClientWatch _ = ClientWatch.of(ClientPresence.of(request), Thread.currentThread())) {
                run(query, context, tags, caller, credentials(request, caller), response);
            }
        }
    }

    private ContextDirectory context(HttpServletRequest request, Query query, Caller caller, String dockerfileName)
            throws IOException, InterruptedException {
        String remote = query.text("remote");
        if (remote.isEmpty()) {
            return ContextDirectory.receive(data.uploads(), layers, request.getInputStream(), dockerfileName);
        }
        try {
            return ContextDirectory.fetch(data.uploads(), layers, sources, caller, remote, dockerfileName);
        } catch (BuildFailure e) {
            throw new InvalidParameter("error downloading remote context " + remote + ": " + e.text(), e);
        }
    }

    private void run(
            Query query,
            ContextDirectory context,
            List<ImageReference> tags,
            Caller caller,
            Function<String, RegistryCredentials> credentials,
            HttpServletResponse response)
            throws IOException {
        BuildRequest request = request(query, context.dockerfile(), caller, credentials);
        response.setContentType("application/json");
        ProgressStream out = new ProgressStream(response.getOutputStream());
        ClassicOutput output = new ClassicOutput(out, query.flag("q"));
        try (BuiltImage built = builder.build(request, context, output)) {
            output.end();
            Image image = builder.keep(built, tags, CacheExchange.isInline(request.buildArgs()));
            tags.forEach(tag -> events.publish("tag", image, tag.familiar()));
            if (query.flag("q")) {
                out.send(JsonMessage.stream(image.id() + "\n"));
                return;
            }
            out.send(JsonMessage.aux(Map.of("ID", image.id().toString())));
            out.send(JsonMessage.stream("Successfully built " + image.id().shortHex() + "\n"));
            for (ImageReference tag : tags) {
                out.send(JsonMessage.stream("Successfully tagged " + tag.familiar() + "\n"));
            }
        } catch (BuildFailure e) {
            refuse(e, out);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            out.fail("the build has ended");
        } catch (UncheckedIOException e) {
            LOG.atDebug().setCause(e).log("client went away during a build");
        } catch (ApiException e) {
            if (!out.started()) {
                throw e;
            }
            out.fail(e.text());
        } catch (IOException | RuntimeException e) {
            if (!out.started()) {
                throw e;
            }
            LOG.atError().setCause(e).log("build failed");
            out.fail(String.valueOf(e.getMessage()));
        }
    }

    /** Before anything has been said it is a status, afterwards the last message. */
    private static void refuse(BuildFailure failure, ProgressStream out) throws IOException {
        if (!out.started()) {
            throw new InvalidParameter(failure.text(), failure);
        }
        String text = failure.text();
        if (failure.exitCode() != 0 && text.startsWith(COMMAND)) {
            int end = text.lastIndexOf("\" did not complete successfully");
            String command = text.substring(COMMAND.length(), end);
            text = "The command '" + command + "' returned a non-zero code: " + failure.exitCode();
            out.send(new JsonMessage(
                    null, null, null, null, null, new JsonMessage.ErrorDetail(failure.exitCode(), text), text, null));
            return;
        }
        out.fail(text);
    }

    private static BuildRequest request(
            Query query, String dockerfile, Caller caller, Function<String, RegistryCredentials> credentials) {
        Map<String, String> args = query.map("buildargs");
        String network = query.text("networkmode");
        if (caller.restricted() && network.equals("host")) {
            throw new Forbidden("networkmode host: only an operator may build in it");
        }
        return new BuildRequest(
                dockerfile,
                query.text("target").isEmpty() ? null : query.text("target"),
                args,
                query.map("labels"),
                query.flag("nocache"),
                Set.of(),
                query.flag("pull"),
                network,
                query.list("extrahosts"),
                limits(query),
                platform(query.text("platform")),
                // The classic builder knows no other way to ask for the host's network.
                network.equals("host") ? Set.of(BuildRequest.HOST_NETWORK) : Set.of(),
                SourceDate.of(args),
                query.list("cachefrom"),
                caller,
                credentials);
    }

    private static Limits limits(Query query) {
        return new Limits(
                query.number("memory"),
                query.number("memswap"),
                query.number("cpushares"),
                query.number("cpuperiod"),
                query.number("cpuquota"),
                query.text("cpusetcpus"),
                query.text("cpusetmems"),
                query.number("shmsize"),
                query.text("cgroupparent"),
                query.ulimits());
    }

    private static List<ImageReference> names(String @Nullable [] values) {
        List<ImageReference> names = new ArrayList<>();
        for (String value : values == null ? new String[0] : values) {
            if (value.isEmpty()) {
                continue;
            }
            Optional<ImageReference> name = RepoTag.of(value, "");
            name.filter(one -> !names.contains(one)).ifPresent(names::add);
        }
        return names;
    }

    private static @Nullable Platform platform(String text) {
        if (text.isEmpty()) {
            return null;
        }
        try {
            return Platform.parse(text);
        } catch (IllegalArgumentException e) {
            throw new InvalidParameter(String.valueOf(e.getMessage()), e);
        }
    }

    private static String dockerfileName(String text) {
        String name = text.isEmpty() ? "Dockerfile" : text;
        List<String> parts = new ArrayList<>();
        for (String part : name.split("/")) {
            if (part.equals("..")) {
                throw new InvalidParameter("invalid Dockerfile path: " + text + ": outside of the build context");
            }
            if (!part.isEmpty() && !part.equals(".")) {
                parts.add(part);
            }
        }
        return String.join("/", parts);
    }

    /** {@code X-Registry-Config}: base64url of an object from host to credentials. */
    private static Function<String, RegistryCredentials> credentials(HttpServletRequest request, Caller caller) {
        String header = request.getHeader("X-Registry-Config");
        Map<String, RegistryCredentials> known = new LinkedHashMap<>();
        if (header != null && !header.isBlank()) {
            try {
                JsonNode hosts = DockerJson.REQUESTS.readTree(Base64.getUrlDecoder()
                        .decode(header.strip().replace('+', '-').replace('/', '_')));
                hosts.properties()
                        .forEach(host -> known.put(host(host.getKey()), RegistryCredentials.fromJson(host.getValue())));
            } catch (IllegalArgumentException | JacksonException e) {
                throw new InvalidParameter("invalid X-Registry-Config header", e);
            }
        }
        return host -> known.getOrDefault(host, RegistryCredentials.ANONYMOUS).onBehalfOf(caller.identity());
    }

    /** Docker's own registry goes by the address of its old index. */
    private static String host(String key) {
        String bare = key.replaceFirst("^https?://", "");
        String host = bare.contains("/") ? bare.substring(0, bare.indexOf('/')) : bare;
        return host.equals("index.docker.io") || host.equals("registry-1.docker.io") ? "docker.io" : host;
    }

    /** The request's parameters, which are all in its query: the body is an archive, whatever its type says. */
    private record Query(HttpServletRequest request) {
        String text(String name) {
            String value = request.getParameter(name);
            return value == null ? "" : value;
        }

        boolean flag(String name) {
            String value = text(name);
            return value.equals("1") || value.equalsIgnoreCase("true");
        }

        long number(String name) {
            String value = text(name);
            if (value.isEmpty()) {
                return 0;
            }
            try {
                return Decimal.parseLong(value);
            } catch (NumberFormatException e) {
                throw new InvalidParameter("invalid value for " + name + ": " + value, e);
            }
        }

        List<String> list(String name) {
            String value = text(name);
            List<String> all = new ArrayList<>();
            if (value.startsWith("[")) {
                json(name).forEach(one -> all.add(one.asString()));
            } else if (!value.isEmpty()) {
                all.addAll(List.of(request.getParameterValues(name)));
            }
            return all;
        }

        /** An argument that is null has the value of the client's own environment, which it does not have. */
        Map<String, String> map(String name) {
            Map<String, String> all = new LinkedHashMap<>();
            json(name).properties().forEach(entry -> {
                if (!entry.getValue().isNull()) {
                    all.put(entry.getKey(), entry.getValue().asString());
                }
            });
            return all;
        }

        List<String> ulimits() {
            List<String> all = new ArrayList<>();
            json("ulimits")
                    .forEach(one -> all.add(one.path("Name").asString() + "="
                            + one.path("Soft").asLong() + ":" + one.path("Hard").asLong()));
            return all;
        }

        private JsonNode json(String name) {
            String value = text(name);
            try {
                return value.isEmpty() ? DockerJson.MAPPER.createObjectNode() : DockerJson.REQUESTS.readTree(value);
            } catch (JacksonException e) {
                throw new InvalidParameter("invalid JSON in " + name, e);
            }
        }
    }
}
