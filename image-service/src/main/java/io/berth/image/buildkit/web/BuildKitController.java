package io.berth.image.buildkit.web;

import io.berth.buildkit.Client;
import io.berth.buildkit.control.BuildKitServer;
import io.berth.buildkit.session.SessionOffer;
import io.berth.buildkit.session.Sessions;
import io.berth.docker.error.InvalidParameter;
import io.berth.image.buildkit.BuildKitDoor;
import io.berth.image.caller.Caller;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Collections;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * {@code POST /grpc} and {@code POST /session} with {@code Upgrade: h2c} (Engine API, Session; moby: api/server/router/grpc):
 * the connection becomes gRPC's, on which the client calls, or is called. Who that is, the gateway tells with this request; it holds for
 * all that comes on the connection.
 */
@RestController
class BuildKitController {
    private final BuildKitDoor door;

    BuildKitController(BuildKitDoor door) {
        this.door = door;
    }

    @PostMapping("/grpc")
    void call(HttpServletRequest request, HttpServletResponse response) throws IOException {
        requireUpgrade(request);
        BuildKitServer server = door.server();
        Client client = client(request);
        Takeover.of(request, response, connection -> server.serve(client, connection), () -> {});
    }

    @PostMapping("/session")
    void beCalled(HttpServletRequest request, HttpServletResponse response) throws IOException {
        requireUpgrade(request);
        SessionOffer offer = SessionOffer.of(name -> Collections.list(request.getHeaders(name)));
        Sessions.Accepted accepted = door.server().accept(client(request), offer);
        Takeover.of(request, response, accepted::run, accepted::close);
    }

    private static Client client(HttpServletRequest request) {
        Caller caller = Caller.of(request.getHeader(Caller.HEADER), request.getParameter(Caller.HIDDEN));
        caller.requireMakes();
        return new Client(caller.owner(), caller.restricted(), caller.identity());
    }

    private static void requireUpgrade(HttpServletRequest request) {
        if (!"h2c".equalsIgnoreCase(request.getHeader("Upgrade"))) {
            throw new InvalidParameter("this connection must be upgraded to h2c");
        }
    }
}
