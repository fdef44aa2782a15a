package io.berth.engine.image.web;

import io.berth.docker.DockerJson;
import io.berth.docker.error.Conflict;
import io.berth.docker.error.ErrorBody;
import io.berth.docker.error.InvalidParameter;
import io.berth.docker.error.NotFound;
import io.berth.docker.error.SystemFailure;
import io.berth.docker.error.Unavailable;
import io.berth.engine.image.Images;
import io.berth.engine.runtime.ContainerId;
import io.berth.node.BuildCacheUsage;
import io.berth.node.CommitRequest;
import io.berth.node.ImageNode;
import io.berth.node.ImagesUsage;
import io.berth.node.ResolvedImage;
import io.berth.oci.Digest;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.springframework.web.client.ResourceAccessException;
import org.springframework.web.client.RestClientException;
import org.springframework.web.client.RestClientResponseException;
import tools.jackson.core.JacksonException;

/** Images of the node's image-service. What it answered is used again for as long as no image changes. */
final class NodeImages implements Images {
    private static final int MOST_ANSWERS = 1000;

    private final ImageNode node;
    private final ImageNode slow;

    private final SharedGeneration generation = new SharedGeneration();
    private final Map<Question, ResolvedImage> answers = new ConcurrentHashMap<>();
    private final Map<ContainerId, ComingUser> coming = new ConcurrentHashMap<>();

    private record Question(String reference, String platform) {}

    /**
     * @param slow the same for what takes as long as there are files
     */
    NodeImages(ImageNode node, ImageNode slow) {
        this.node = node;
        this.slow = slow;
    }

    @Override
    public ResolvedImage resolve(String reference, String platform) {
        return ask(() -> node.resolve(reference, platform.isEmpty() ? null : platform));
    }

    @Override
    public ResolvedImage resolveFor(ContainerId container, String reference, String platform) {
        Question question = new Question(reference, platform);
        ResolvedImage known = answers.get(question);
        if (known != null) {
            coming.put(container, new ComingUser(container, known.imageId(), reference));
            // Looked at last: who deletes the image changes the number first and then asks for its users.
            if (generation.isStill(known.generation())) {
                return known;
            }
        }
        ResolvedImage image = resolve(reference, platform);
        coming.put(container, new ComingUser(container, image.imageId(), reference));
        if (answers.size() >= MOST_ANSWERS) {
            answers.clear();
        }
        answers.put(question, image);
        return image;
    }

    @Override
    public void release(ContainerId container) {
        coming.remove(container);
    }

    @Override
    public List<ComingUser> comingUsers(Digest imageId) {
        return coming.values().stream()
                .filter(user -> user.imageId().equals(imageId))
                .toList();
    }

    @Override
    public CommitRequest.Committed commit(CommitRequest request) {
        return ask(() -> slow.commit(request));
    }

    @Override
    public ImagesUsage usage() {
        return ask(slow::usage);
    }

    @Override
    public List<BuildCacheUsage> buildCache() {
        return ask(slow::buildCache);
    }

    private static <T> T ask(Supplier<T> question) {
        try {
            return question.get();
        } catch (RestClientResponseException e) {
            String message = message(e);
            switch (e.getStatusCode().value()) {
                case 400 -> throw new InvalidParameter(message, e);
                case 404 -> throw new NotFound(message, e);
                case 409 -> throw new Conflict(message, e);
                default -> throw new SystemFailure("image-service: " + message, e);
            }
        } catch (ResourceAccessException e) {
            throw new Unavailable("image-service does not answer", e);
        }
    }

    private static String message(RestClientResponseException error) {
        try {
            return DockerJson.MAPPER
                    .readValue(error.getResponseBodyAsByteArray(), ErrorBody.class)
                    .message();
        } catch (JacksonException e) {
            return error.getStatusText();
        }
    }

    @Override
    public OptionalInt count() {
        try {
            return OptionalInt.of(node.count().images());
        } catch (RestClientException e) {
            // Reported as a warning in /info, which must answer also without image-service.
            return OptionalInt.empty();
        }
    }
}
