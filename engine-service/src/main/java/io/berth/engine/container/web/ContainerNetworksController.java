package io.berth.engine.container.web;

import io.berth.docker.error.InvalidParameter;
import io.berth.docker.network.EndpointConfig;
import io.berth.docker.network.NetworkConnectRequest;
import io.berth.docker.network.NetworkDisconnectRequest;
import io.berth.engine.container.ConnectContainer;
import io.berth.engine.web.Call;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Which networks a container is connected to. */
@RestController
class ContainerNetworksController {
    private final ConnectContainer connect;

    ContainerNetworksController(ConnectContainer connect) {
        this.connect = connect;
    }

    @PostMapping("/networks/{id}/connect")
    @ResponseStatus(HttpStatus.OK)
    void connect(@PathVariable("id") String id, Call call) throws IOException {
        NetworkConnectRequest request = Call.parse(call.jsonBytes(), NetworkConnectRequest.class);
        EndpointConfig config = request.endpointConfig();
        connect.connect(id, container(request.container()), config == null ? EndpointConfig.DEFAULT : config);
    }

    @PostMapping("/networks/{id}/disconnect")
    @ResponseStatus(HttpStatus.OK)
    void disconnect(@PathVariable("id") String id, Call call) throws IOException {
        NetworkDisconnectRequest request = Call.parse(call.jsonBytes(), NetworkDisconnectRequest.class);
        connect.disconnect(id, container(request.container()), request.force());
    }

    private static String container(@Nullable String reference) {
        if (reference == null || reference.isEmpty()) {
            throw new InvalidParameter("No container name or ID supplied");
        }
        return reference;
    }
}
