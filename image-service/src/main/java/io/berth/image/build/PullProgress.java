package io.berth.image.build;

import io.berth.json.Bounds;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Tells a build's listener of the progress lines of a pull. */
final class PullProgress extends OutputStream {
    private static final JsonMapper JSON = Bounds.OWN.mapper().build();

    private final BuildListener.Progress progress;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();

    PullProgress(BuildListener.Progress progress) {
        this.progress = progress;
    }

    @Override
    public void write(int b) {
        if (b != '\n') {
            line.write(b);
            return;
        }
        try {
            JsonNode message = JSON.readTree(line.toByteArray());
            JsonNode detail = message.path("progressDetail");
            if (message.has("id") && detail.has("current")) {
                progress.status(
                        message.path("status").asString() + " "
                                + message.path("id").asString(),
                        detail.path("current").asLong(),
                        detail.path("total").asLong());
            }
        } catch (JacksonException e) {
            throw new IllegalStateException("a progress line is no JSON", e);
        } finally {
            line.reset();
        }
    }
}
