package io.berth.image.transfer.web;

import io.berth.image.event.ImageEvents;
import io.berth.image.transfer.ImagePusher;
import io.berth.image.transfer.registry.RegistryCredentials;
import io.berth.oci.ImageReference;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** {@code POST /images/{name}/push} (Engine API, ImagePush). */
@RestController
class PushController {
    private final ImagePusher pusher;
    private final ImageEvents events;

    PushController(ImagePusher pusher, ImageEvents events) {
        this.pusher = pusher;
        this.events = events;
    }

    @PostMapping("/images/{name}/push")
    void push(
            @PathVariable("name") String name,
            @RequestParam(name = "tag", defaultValue = "") String tag,
            @RequestHeader(name = "X-Registry-Auth", required = false) @Nullable String auth,
            HttpServletResponse response)
            throws IOException {
        ImageReference reference = PullController.reference(name, tag);
        TransferResponse.stream(response, progress -> {
            pusher.push(reference, RegistryCredentials.fromHeader(auth), progress);
            events.publish("push", reference.familiar(), Map.of("name", reference.familiarName()));
        });
    }
}
