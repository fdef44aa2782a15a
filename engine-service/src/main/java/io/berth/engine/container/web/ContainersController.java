package io.berth.engine.container.web;

import io.berth.docker.container.ContainerConfig;
import io.berth.docker.container.ContainerSummary;
import io.berth.docker.container.CreateRequest;
import io.berth.docker.container.CreateResponse;
import io.berth.docker.container.HostConfig;
import io.berth.docker.container.InspectResponse;
import io.berth.docker.container.PruneResponse;
import io.berth.docker.container.UpdateRequest;
import io.berth.docker.container.UpdateResponse;
import io.berth.docker.error.Conflict;
import io.berth.docker.error.SystemFailure;
import io.berth.engine.container.Container;
import io.berth.engine.container.ContainerDirectories;
import io.berth.engine.container.ContainerSizes;
import io.berth.engine.container.ContainerSnapshot;
import io.berth.engine.container.Containers;
import io.berth.engine.container.CreateContainer;
import io.berth.engine.container.ListContainers;
import io.berth.engine.container.PruneContainers;
import io.berth.engine.container.PublishPorts;
import io.berth.engine.container.RemoveContainer;
import io.berth.engine.container.RenameContainer;
import io.berth.engine.container.UpdateContainer;
import io.berth.engine.log.LogProperties;
import io.berth.engine.web.Call;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Containers as things that exist: create, list, inspect, rename, remove. */
@RestController
class ContainersController {
    private final Containers containers;
    private final ContainerDirectories directories;
    private final ContainerSizes sizes;
    private final CreateContainer create;
    private final ListContainers list;
    private final RenameContainer rename;
    private final RemoveContainer remove;
    private final PruneContainers prune;
    private final LogProperties log;
    private final UpdateContainer update;
    private final PublishPorts publish;

    @SuppressWarnings("TooManyParameters") // one for each operation of this section
    ContainersController(
            Containers containers,
            ContainerDirectories directories,
            ContainerSizes sizes,
            CreateContainer create,
            ListContainers list,
            RenameContainer rename,
            RemoveContainer remove,
            PruneContainers prune,
            LogProperties log,
            UpdateContainer update,
            PublishPorts publish) {
        this.containers = containers;
        this.directories = directories;
        this.sizes = sizes;
        this.create = create;
        this.list = list;
        this.rename = rename;
        this.remove = remove;
        this.prune = prune;
        this.log = log;
        this.update = update;
        this.publish = publish;
    }

    @PostMapping("/containers/create")
    @ResponseStatus(HttpStatus.CREATED)
    CreateResponse create(Call call) throws IOException {
        byte[] sent = call.jsonBytes();
        byte[] body = sent.length == 0 ? sent : CreateBody.withDefaults(sent, log.config(), call.version());
        ContainerConfig config = Call.parse(body, ContainerConfig.class);
        CreateRequest rest = Call.parse(body, CreateRequest.class);
        HostConfig host =
                rest.hostConfig() == null ? Call.parse(new byte[] {'{', '}'}, HostConfig.class) : rest.hostConfig();
        @Nullable String name = call.text("name").isEmpty() ? null : call.text("name");
        CreateContainer.Created created = create.create(new CreateContainer.Order(
                name, call.text("platform"), config, host, rest.networkingConfig(), call.version()));
        return new CreateResponse(created.container().id().value(), created.warnings());
    }

    @GetMapping("/containers/json")
    List<ContainerSummary> list(Call call) {
        Instant now = Instant.now();
        boolean size = call.flag("size");
        return list.list(call.flag("all"), call.number("limit").orElse(-1L), call.filters()).stream()
                .map(container ->
                        ContainerViews.summary(container, size ? sizes(container) : null, now, call.version()))
                .toList();
    }

    @GetMapping("/containers/{name}/json")
    InspectResponse inspect(@PathVariable("name") String name, Call call) {
        return ContainerViews.inspect(containers.find(name), call.flag("size") ? sizes : null, call.version());
    }

    private ContainerViews.Sizes sizes(ContainerSnapshot container) {
        Path directory = directories.of(container.id());
        return new ContainerViews.Sizes(sizes.writable(directory), sizes.root(container.spec(), directory));
    }

    @PostMapping("/containers/{name}/rename")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void rename(@PathVariable("name") String name, Call call) {
        rename.rename(containers.find(name), call.text("name"));
    }

    @PostMapping("/containers/{name}/update")
    UpdateResponse update(@PathVariable("name") String name, Call call) throws IOException {
        byte[] body = call.jsonBytes();
        HostConfig resources = Call.parse(body, HostConfig.class);
        UpdateRequest request = Call.parse(body, UpdateRequest.class);
        Container container = containers.find(name);
        List<String> warnings = update.update(container, resources, request.restartPolicy());
        if (resources.portBindings() != null) {
            publish.publish(container, resources.portBindings());
        }
        return new UpdateResponse(warnings.isEmpty() ? null : warnings);
    }

    @DeleteMapping("/containers/{name}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void remove(@PathVariable("name") String name, Call call) throws InterruptedException {
        Container container = containers.find(name);
        if (call.flag("link")) {
            refuseLink(name);
        }
        remove.remove(container, name, call.flag("force"), call.flag("v"));
    }

    /** Containers have no links that could be removed (moby: daemon/delete.go, rmLink). */
    private static void refuseLink(String name) {
        String path = name.startsWith("/") ? name : "/" + name;
        String parent = path.substring(0, path.lastIndexOf('/'));
        if (parent.isEmpty()) {
            throw new Conflict("Conflict, cannot remove the default link name of the container");
        }
        throw new SystemFailure("cannot get parent " + parent + " for link name " + path);
    }

    @PostMapping("/containers/prune")
    PruneResponse prune(Call call) throws InterruptedException {
        PruneContainers.Pruned pruned = prune.prune(call.filters());
        return new PruneResponse(pruned.ids().isEmpty() ? null : pruned.ids(), pruned.bytes());
    }
}
