package io.berth.image.transfer.web;

import io.berth.docker.error.InvalidParameter;
import io.berth.image.caller.Caller;
import io.berth.image.event.ImageEvents;
import io.berth.image.transfer.ImagePuller;
import io.berth.oci.Digest;
import io.berth.oci.ImageReference;
import io.berth.oci.Platform;
import io.berth.registryclient.RegistryCredentials;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** {@code POST /images/create?fromImage=…}: pulls (Engine API, ImageCreate). */
@RestController
class PullController {
    private final ImagePuller puller;
    private final ImageEvents events;

    PullController(ImagePuller puller, ImageEvents events) {
        this.puller = puller;
        this.events = events;
    }

    @PostMapping(path = "/images/create", params = "fromImage")
    void pull(
            @RequestParam("fromImage") String image,
            @RequestParam(name = "tag", defaultValue = "") String tag,
            @RequestParam(name = "platform", defaultValue = "") String platform,
            @RequestHeader(name = "X-Registry-Auth", required = false) @Nullable String auth,
            @RequestHeader(name = PlatformRegistry.IDENTITY, required = false) @Nullable String identity,
            @RequestParam(name = Caller.HIDDEN, required = false) @Nullable String hidden,
            HttpServletResponse response)
            throws IOException {
        ImageReference reference = reference(image, tag);
        @Nullable Platform wanted = platform.isEmpty() ? null : platform(platform);
        @Nullable String caller = Caller.of(identity, hidden).identity();
        TransferResponse.stream(response, progress -> {
            puller.pull(reference, wanted, RegistryCredentials.fromHeader(auth).onBehalfOf(caller), progress);
            events.publish("pull", reference.familiar(), Map.of("name", reference.familiarName()));
        });
    }

    /**
     * The reference that name and tag mean together. The tag parameter may be a digest and replaces what the name has;
     * without one (and with the trailing colon that old clients send for «all tags») the name counts alone.
     */
    static ImageReference reference(String name, String tag) {
        try {
            ImageReference reference =
                    ImageReference.parse(name.endsWith(":") ? name.substring(0, name.length() - 1) : name);
            if (tag.isEmpty()) {
                return reference;
            }
            return tag.indexOf(':') >= 0 ? reference.withDigest(Digest.parse(tag)) : reference.withTag(tag);
        } catch (IllegalArgumentException e) {
            throw new InvalidParameter(e.getMessage() == null ? "invalid reference format" : e.getMessage(), e);
        }
    }

    private static Platform platform(String text) {
        try {
            return Platform.parse(text);
        } catch (IllegalArgumentException e) {
            throw new InvalidParameter(e.getMessage() == null ? "invalid platform" : e.getMessage(), e);
        }
    }
}
