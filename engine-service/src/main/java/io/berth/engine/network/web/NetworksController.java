package io.berth.engine.network.web;

import io.berth.docker.network.NetworkCreateRequest;
import io.berth.docker.network.NetworkCreateResponse;
import io.berth.docker.network.NetworkPruneResponse;
import io.berth.docker.network.NetworkResponse;
import io.berth.engine.network.CreateNetwork;
import io.berth.engine.network.ListNetworks;
import io.berth.engine.network.Network;
import io.berth.engine.network.NetworkViews;
import io.berth.engine.network.Networks;
import io.berth.engine.network.NoSuchNetwork;
import io.berth.engine.network.PruneNetworks;
import io.berth.engine.web.Call;
import java.io.IOException;
import java.util.List;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Networks as things that exist. Who is connected is told to {@code ContainerNetworksController}. */
@RestController
class NetworksController {
    private final Networks networks;
    private final CreateNetwork create;
    private final ListNetworks list;
    private final PruneNetworks prune;

    NetworksController(Networks networks, CreateNetwork create, ListNetworks list, PruneNetworks prune) {
        this.networks = networks;
        this.create = create;
        this.list = list;
        this.prune = prune;
    }

    @GetMapping("/networks")
    List<NetworkResponse> list(Call call) {
        // Clients before 1.28 read from the list who is connected.
        boolean whole = !call.version().atLeast(1, 28);
        return list.list(call.filters()).stream()
                .map(network -> NetworkViews.response(network, whole, call.version()))
                .toList();
    }

    @PostMapping("/networks/create")
    @ResponseStatus(HttpStatus.CREATED)
    NetworkCreateResponse create(Call call) throws IOException {
        NetworkCreateRequest request = Call.parse(call.jsonBytes(), NetworkCreateRequest.class);
        CreateNetwork.Created created = create.create(request);
        return new NetworkCreateResponse(created.network().spec().id(), created.warning());
    }

    @GetMapping("/networks/{id}")
    NetworkResponse inspect(@PathVariable("id") String id, Call call) {
        Network network = networks.find(id);
        String scope = call.text("scope");
        if (!scope.isEmpty() && !scope.equals(network.spec().scope())) {
            throw new NoSuchNetwork(id);
        }
        return NetworkViews.response(network, true, call.version());
    }

    @DeleteMapping("/networks/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void remove(@PathVariable("id") String id) {
        networks.remove(networks.find(id));
    }

    @PostMapping("/networks/prune")
    NetworkPruneResponse prune(Call call) {
        List<String> removed = prune.prune(call.filters());
        return new NetworkPruneResponse(removed.isEmpty() ? null : removed);
    }
}
