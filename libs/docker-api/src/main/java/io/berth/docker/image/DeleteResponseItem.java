package io.berth.docker.image;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;

/** One thing that a deletion did: either a name taken away, or an image or layer chain deleted. */
public record DeleteResponseItem(
        @JsonProperty("Untagged") @Nullable String untagged,
        @JsonProperty("Deleted") @Nullable String deleted) {
    public static DeleteResponseItem untagged(String name) {
        return new DeleteResponseItem(name, null);
    }

    public static DeleteResponseItem deleted(String id) {
        return new DeleteResponseItem(null, id);
    }
}
