package io.berth.image.exchange.web;

import io.berth.docker.error.ApiException;
import io.berth.image.caller.Caller;
import io.berth.image.event.ImageEvents;
import io.berth.image.exchange.ImageLoader;
import io.berth.image.exchange.ImageSaver;
import io.berth.image.progress.ProgressStream;
import io.berth.image.store.ImagePlatforms;
import io.berth.oci.Platform;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
class ImageArchiveController {
    private static final String JSON = "application/json";
    private static final String TAR = "application/x-tar";

    private final ImageSaver saver;
    private final ImageLoader loader;
    private final ImageEvents events;

    ImageArchiveController(ImageSaver saver, ImageLoader loader, ImageEvents events) {
        this.saver = saver;
        this.loader = loader;
        this.events = events;
    }

    @GetMapping("/images/{name}/get")
    void save(@PathVariable("name") String name, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        save(List.of(name), request, response);
    }

    @GetMapping("/images/get")
    void saveAll(HttpServletRequest request, HttpServletResponse response) throws IOException {
        // Not a bound list: that would split names at commas.
        String[] names = request.getParameterValues("names");
        save(names == null ? List.of() : List.of(names), request, response);
    }

    private void save(List<String> names, HttpServletRequest request, HttpServletResponse response) throws IOException {
        List<Platform> platforms = ImagePlatforms.parseAll(request.getParameterValues("platform"));
        try (ImageSaver.Archive archive = saver.select(names, platforms)) {
            response.setContentType(TAR);
            archive.writeTo(response.getOutputStream());
            events.publishAll("save", archive.imageIds());
        }
    }

    @PostMapping("/images/load")
    void load(
            @RequestParam(name = "quiet", defaultValue = "false") String quiet,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        List<Platform> wanted = ImagePlatforms.parseAll(request.getParameterValues("platform"));
        response.setContentType(JSON);
        ProgressStream progress = new ProgressStream(response.getOutputStream());
        try {
            loader.load(
                    Caller.of(request.getHeader(Caller.HEADER), request.getParameter(Caller.HIDDEN)),
                    request.getInputStream(),
                    wanted,
                    isTrue(quiet),
                    progress,
                    image -> events.publish("load", image, image.id().toString()));
        } catch (ApiException e) {
            if (!progress.started()) {
                throw e;
            }
            progress.fail(e.text());
        }
    }

    private static boolean isTrue(String value) {
        return value.equals("1") || value.equalsIgnoreCase("true");
    }
}
