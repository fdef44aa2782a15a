package io.berth.engine.swarm.web;

import io.berth.docker.error.NotImplemented;
import io.berth.docker.error.Unavailable;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/** Answers as an engine outside of a swarm does (moby: daemon/cluster). It cannot enter one. */
@RestController
class OutsideSwarmController {
    private static final String NO_MANAGER = "This node is not a swarm manager. Use \"docker swarm init\" or \"docker"
            + " swarm join\" to connect this node to swarm and try again.";

    @GetMapping({
        "/swarm",
        "/swarm/unlockkey",
        "/nodes",
        "/nodes/{id}",
        "/services",
        "/services/{id}",
        "/services/{id}/logs",
        "/tasks",
        "/tasks/{id}",
        "/tasks/{id}/logs"
    })
    void look() {
        throw new Unavailable(NO_MANAGER);
    }

    @PostMapping({"/swarm/update", "/swarm/unlock", "/nodes/{id}/update", "/services/create", "/services/{id}/update"})
    void change() {
        throw new Unavailable(NO_MANAGER);
    }

    @DeleteMapping({"/nodes/{id}", "/services/{id}"})
    void remove() {
        throw new Unavailable(NO_MANAGER);
    }

    @PostMapping("/swarm/leave")
    void leave() {
        throw new Unavailable("This node is not part of a swarm");
    }

    @PostMapping({"/swarm/init", "/swarm/join"})
    void enter() {
        throw new NotImplemented("swarm mode is not supported by this engine");
    }
}
