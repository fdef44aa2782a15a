package io.berth.node;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.service.annotation.GetExchange;
import org.springframework.web.service.annotation.HttpExchange;
import org.springframework.web.service.annotation.PostExchange;

/** What the engine asks of image-service. */
@HttpExchange(url = "/node/v1", accept = "application/json")
public interface ImageNode {
    /**
     * Resolves an image and holds it: for one minute it cannot be deleted, so that the engine can record the container
     * that uses it. After that image-service asks the engine before it deletes ({@link EngineNode#imageUsers}).
     *
     * @param reference a name with optional tag or digest, an image id, or an unambiguous prefix of one
     * @param platform {@code os/arch[/variant]}, or null for any
     * @return 404 in Docker's error shape when there is no such image: {@code No such image: foo:latest}
     */
    @PostExchange("/images/resolve")
    ResolvedImage resolve(
            @RequestParam("reference") String reference, @RequestParam("platform") @Nullable String platform);

    /**
     * Makes an image of a container's changes; it takes as long as its files take to be read and compressed.
     *
     * @return 400 for a malformed instruction or name, 404 when there is no such parent
     */
    @PostExchange("/images/commit")
    CommitRequest.Committed commit(@RequestBody CommitRequest request);

    /** What images take on disk. */
    @GetExchange("/images/usage")
    ImagesUsage usage();

    /** What builds keep. */
    @GetExchange("/build-cache/usage")
    List<BuildCacheUsage> buildCache();

    /** How many images the node has. */
    @GetExchange("/images/count")
    ImageCount count();

    /** Number of images, for {@code /info}. */
    record ImageCount(int images) {}
}
