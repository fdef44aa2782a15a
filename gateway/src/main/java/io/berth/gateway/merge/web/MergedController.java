package io.berth.gateway.merge.web;

import io.berth.docker.error.ApiException;
import io.berth.docker.error.ErrorBody;
import io.berth.docker.error.InvalidParameter;
import io.berth.docker.error.NotFound;
import io.berth.gateway.merge.Broadcast;
import io.berth.gateway.merge.MergeRequest;
import io.berth.gateway.merge.Merged;
import io.berth.gateway.merge.MergedEvents;
import io.berth.gateway.merge.MergedReads;
import io.berth.gateway.merge.Placing;
import io.berth.gateway.merge.Replicated;
import io.berth.gateway.route.Backend;
import io.berth.gateway.route.RequestTarget;
import io.berth.gateway.route.RoutingTable;
import io.berth.unixhttp.PlatformKey;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * Requests that concern several nodes. The data plane hands them here, after it has decided that they may be made; no
 * client's path leads here ({@link RoutingTable#MERGED_PREFIX}).
 */
@RestController
class MergedController {
    /** Of what is read whole: larger than any request of a client, smaller than what would hurt. */
    private static final int MAX_BODY = 8 * 1024 * 1024;

    /** What is the connection's, or set anew for each node. */
    private static final Set<String> OWN_HEADERS = Set.of(
            "host",
            "connection",
            "content-length",
            "transfer-encoding",
            "expect",
            "accept-encoding",
            PlatformKey.HEADER.toLowerCase(Locale.ROOT));

    private final MergedReads reads;
    private final Replicated replicated;
    private final Placing placing;
    private final Broadcast broadcast;
    private final MergedEvents events;

    MergedController(
            MergedReads reads, Replicated replicated, Placing placing, Broadcast broadcast, MergedEvents events) {
        this.reads = reads;
        this.replicated = replicated;
        this.placing = placing;
        this.broadcast = broadcast;
        this.events = events;
    }

    @RequestMapping(RoutingTable.MERGED_PREFIX + "/**")
    void merged(HttpServletRequest request, HttpServletResponse response) throws IOException {
        String path = request.getRequestURI().substring(RoutingTable.MERGED_PREFIX.length());
        String query = request.getQueryString();
        RequestTarget target = RequestTarget.parse(query == null ? path : path + '?' + query);
        boolean streamed = target.first().equals("images") && target.last().equals("load");
        MergeRequest call =
                new MergeRequest(request.getMethod(), target, headers(request), streamed ? null : body(request));
        if (target.first().equals("events")) {
            write(events.run(call, new ServletSink(request, response)), response);
        } else if (streamed) {
            write(broadcast.run(call, request.getInputStream(), new ServletSink(request, response)), response);
        } else if (target.first().equals("images") && target.last().equals("create")) {
            write(broadcast.run(call, null, new ServletSink(request, response)), response);
        } else {
            write(Optional.of(answer(call, request.getMethod(), target)), response);
        }
    }

    private Merged answer(MergeRequest call, String method, RequestTarget target) {
        String second = target.segment(1);
        boolean post = method.equals("POST");
        return switch (target.first()) {
            case "networks", "secrets", "configs" -> replicated.answer(call);
            case "containers" ->
                switch (target.segments().size() == 2 ? second : target.segment(2)) {
                    case "create" -> placing.container(call);
                    case "rename" -> placing.rename(call);
                    case "prune" -> reads.prune(call, Backend.ENGINE);
                    default -> target.segments().size() == 2 ? reads.containers(call) : reads.container(call);
                };
            case "volumes" ->
                switch (second) {
                    case "create" -> placing.volume(call);
                    case "prune" -> reads.prune(call, Backend.ENGINE);
                    default -> reads.volumes(call);
                };
            case "images" -> {
                if (target.segments().size() == 2 && post) {
                    yield reads.prune(call, Backend.IMAGE);
                }
                yield target.segments().size() == 2 && second.equals("json")
                        ? reads.images(call)
                        : reads.image(call, imageName(target));
            }
            case "build" -> reads.prune(call, Backend.IMAGE);
            case "info" -> reads.info(call);
            case "system" -> reads.usage(call);
            default -> throw new NotFound("page not found");
        };
    }

    /** The name of {@code /images/{name}} or {@code /images/{name}/tag}. */
    private static String imageName(RequestTarget target) {
        int end = target.last().equals("tag")
                ? target.segments().size() - 1
                : target.segments().size();
        return String.join("/", target.segments().subList(1, end));
    }

    private static Map<String, List<String>> headers(HttpServletRequest request) {
        Map<String, List<String>> all = new HashMap<>();
        for (String name : Collections.list(request.getHeaderNames())) {
            if (!OWN_HEADERS.contains(name.toLowerCase(Locale.ROOT))) {
                all.put(name, Collections.list(request.getHeaders(name)));
            }
        }
        return all;
    }

    private static byte[] body(HttpServletRequest request) throws IOException {
        byte[] body = request.getInputStream().readNBytes(MAX_BODY + 1);
        if (body.length > MAX_BODY) {
            throw new InvalidParameter("the request is larger than " + MAX_BODY + " bytes");
        }
        return body;
    }

    private static void write(Optional<Merged> answer, HttpServletResponse response) throws IOException {
        if (answer.isEmpty()) {
            return;
        }
        Merged merged = answer.get();
        response.setStatus(merged.status());
        for (String warning : merged.warnings()) {
            // A warning about the response as a whole (RFC 7234, 5.5: code 199).
            response.addHeader("Warning", "199 berth \"" + warning.replaceAll("[^ -~]|[\"\\\\]", "'") + '"');
        }
        if (merged.contentType() != null) {
            response.setContentType(merged.contentType());
        }
        byte[] body = merged.body().getBytes(StandardCharsets.UTF_8);
        if (merged.status() != 204 && merged.status() != 304) {
            response.setContentLength(body.length);
            response.getOutputStream().write(body);
        }
    }

    @ExceptionHandler
    ResponseEntity<ErrorBody> refuse(ApiException error) {
        return ResponseEntity.status(error.status()).body(new ErrorBody(error.text()));
    }
}
