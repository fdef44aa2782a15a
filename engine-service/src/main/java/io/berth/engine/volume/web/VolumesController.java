package io.berth.engine.volume.web;

import io.berth.docker.error.Unavailable;
import io.berth.docker.volume.VolumeCreateRequest;
import io.berth.docker.volume.VolumeListResponse;
import io.berth.docker.volume.VolumePruneResponse;
import io.berth.docker.volume.VolumeResponse;
import io.berth.engine.volume.ListVolumes;
import io.berth.engine.volume.PruneVolumes;
import io.berth.engine.volume.Volumes;
import io.berth.engine.web.Call;
import java.io.IOException;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Volumes over HTTP. */
@RestController
class VolumesController {
    private final Volumes volumes;
    private final ListVolumes list;
    private final PruneVolumes prune;

    VolumesController(Volumes volumes, ListVolumes list, PruneVolumes prune) {
        this.volumes = volumes;
        this.list = list;
        this.prune = prune;
    }

    @GetMapping("/volumes")
    VolumeListResponse list(Call call) {
        return new VolumeListResponse(list.list(call.filters()), null);
    }

    @PostMapping("/volumes/create")
    @ResponseStatus(HttpStatus.CREATED)
    VolumeResponse create(Call call) throws IOException {
        VolumeCreateRequest request = call.json(VolumeCreateRequest.class);
        if (request.clusterVolumeSpec() != null && call.version().atLeast(1, 42)) {
            throw new Unavailable("This node is not a swarm manager. Use \"docker swarm init\" or \"docker swarm join\""
                    + " to connect this node to swarm and try again.");
        }
        return list.show(volumes.create(
                new Volumes.Order(request.name(), request.driver(), request.driverOpts(), request.labels())));
    }

    @GetMapping("/volumes/{name}")
    VolumeResponse inspect(@PathVariable("name") String name) {
        return list.show(volumes.find(name));
    }

    @PutMapping("/volumes/{name}")
    void update() {
        throw new Unavailable("volume update only valid for cluster volumes, but swarm is unavailable");
    }

    @DeleteMapping("/volumes/{name}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void remove(@PathVariable("name") String name, Call call) {
        volumes.remove(name, call.flag("force"));
    }

    @PostMapping("/volumes/prune")
    VolumePruneResponse prune(Call call) {
        PruneVolumes.Pruned pruned = prune.prune(call.filters(), !call.version().atLeast(1, 42));
        return new VolumePruneResponse(pruned.names(), pruned.bytes());
    }
}
