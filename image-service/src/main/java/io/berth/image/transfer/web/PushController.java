package io.berth.image.transfer.web;

import io.berth.image.event.ImageEvents;
import io.berth.image.store.ImagePlatforms;
import io.berth.image.transfer.ImagePusher;
import io.berth.oci.ImageReference;
import io.berth.oci.Platform;
import io.berth.registryclient.RegistryCredentials;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
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
            @RequestParam(name = "platform", required = false) @Nullable String platform,
            @RequestHeader(name = "X-Registry-Auth", required = false) @Nullable String auth,
            @RequestHeader(name = PlatformRegistry.IDENTITY, required = false) @Nullable String identity,
            HttpServletResponse response)
            throws IOException {
        ImageReference reference = PullController.reference(name, tag);
        List<Platform> wanted = ImagePlatforms.parse(platform).stream().toList();
        TransferResponse.stream(response, progress -> {
            pusher.push(reference, wanted, RegistryCredentials.fromHeader(auth).onBehalfOf(identity), progress);
            events.publish("push", reference.familiar(), Map.of("name", reference.familiarName()));
        });
    }
}
