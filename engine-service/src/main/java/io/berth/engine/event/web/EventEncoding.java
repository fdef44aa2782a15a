package io.berth.engine.event.web;

import io.berth.docker.ApiVersion;
import io.berth.docker.DockerJson;
import io.berth.docker.event.EventMessage;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;

/** How a stream of events is written (moby: daemon/server/httputils/json_stream.go). */
enum EventEncoding {
    /** What is answered when the client asks for none of the others, and before API 1.52; the same bytes as lines. */
    JSON("application/json"),
    /** Each on a line. */
    JSON_LINES("application/jsonl"),
    /** The same by another name. */
    NDJSON("application/x-ndjson"),
    /** RFC 7464: each after a record separator. */
    JSON_SEQUENCE("application/json-seq");

    private static final byte RECORD_SEPARATOR = 0x1e;

    private final String mediaType;

    EventEncoding(String mediaType) {
        this.mediaType = mediaType;
    }

    String mediaType() {
        return mediaType;
    }

    /**
     * Chooses what the client likes best.
     *
     * @param accept the request's Accept header, or null
     */
    static EventEncoding choose(@Nullable String accept, ApiVersion version) {
        if (!version.atLeast(1, 52)) {
            return JSON;
        }
        for (MediaType wanted : preferences(accept)) {
            for (EventEncoding encoding : List.of(JSON_LINES, NDJSON, JSON_SEQUENCE)) {
                if (wanted.getQualityValue() > 0 && wanted.includes(MediaType.parseMediaType(encoding.mediaType))) {
                    return encoding;
                }
            }
        }
        return JSON;
    }

    private static List<MediaType> preferences(@Nullable String accept) {
        try {
            List<MediaType> wanted = new ArrayList<>(MediaType.parseMediaTypes(accept));
            wanted.sort((first, second) -> Double.compare(second.getQualityValue(), first.getQualityValue()));
            return wanted;
        } catch (InvalidMediaTypeException e) {
            return List.of();
        }
    }

    /** One event. */
    byte[] encode(EventMessage message) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        if (this == JSON_SEQUENCE) {
            bytes.write(RECORD_SEPARATOR);
        }
        bytes.writeBytes(DockerJson.MAPPER.writeValueAsBytes(message));
        bytes.write('\n');
        return bytes.toByteArray();
    }
}
