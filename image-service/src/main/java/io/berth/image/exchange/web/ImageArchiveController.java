package io.berth.image.exchange.web;

import io.berth.docker.DockerJson;
import io.berth.docker.error.ApiException;
import io.berth.docker.error.InvalidParameter;
import io.berth.docker.error.NotImplemented;
import io.berth.docker.image.JsonMessage;
import io.berth.image.event.ImageEvents;
import io.berth.image.exchange.ImageImporter;
import io.berth.image.exchange.ImageLoader;
import io.berth.image.exchange.ImageSaver;
import io.berth.image.progress.ProgressStream;
import io.berth.image.store.Image;
import io.berth.image.store.RepoTag;
import io.berth.oci.ImageReference;
import io.berth.oci.Platform;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.core.JacksonException;

@RestController
class ImageArchiveController {
    private static final String JSON = "application/json";
    private static final String TAR = "application/x-tar";

    private final ImageSaver saver;
    private final ImageLoader loader;
    private final ImageImporter importer;
    private final ImageEvents events;

    ImageArchiveController(ImageSaver saver, ImageLoader loader, ImageImporter importer, ImageEvents events) {
        this.saver = saver;
        this.loader = loader;
        this.importer = importer;
        this.events = events;
    }

    @GetMapping("/images/{name}/get")
    void save(@PathVariable("name") String name, HttpServletResponse response) throws IOException {
        save(List.of(name), response);
    }

    @GetMapping("/images/get")
    void saveAll(HttpServletRequest request, HttpServletResponse response) throws IOException {
        // Not a bound list: that would split names at commas.
        String[] names = request.getParameterValues("names");
        save(names == null ? List.of() : List.of(names), response);
    }

    private void save(List<String> names, HttpServletResponse response) throws IOException {
        try (ImageSaver.Archive archive = saver.select(names)) {
            response.setContentType(TAR);
            archive.writeTo(response.getOutputStream());
            events.publishAll("save", archive.imageIds());
        }
    }

    @PostMapping("/images/load")
    void load(
            @RequestParam(name = "quiet", defaultValue = "false") String quiet,
            @RequestParam(name = "platform", required = false) @Nullable String platform,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        Platform wanted = platform == null || platform.isEmpty() ? null : jsonPlatform(platform);
        response.setContentType(JSON);
        ProgressStream progress = new ProgressStream(response.getOutputStream());
        try {
            loader.load(
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

    /** Here the API has a JSON document, elsewhere {@code os/arch}. */
    private static Platform jsonPlatform(String json) {
        try {
            return DockerJson.MAPPER.readValue(json, Platform.class);
        } catch (JacksonException e) {
            throw new InvalidParameter("failed to parse platform", e);
        }
    }

    @PostMapping(path = "/images/create", params = "fromSrc")
    void importArchive(
            @RequestParam("fromSrc") String source,
            @RequestParam(name = "repo", required = false) @Nullable String repo,
            @RequestParam(name = "tag", required = false) @Nullable String tag,
            @RequestParam(name = "message", defaultValue = "") String message,
            @RequestParam(name = "platform", defaultValue = "") String platform,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        if (!source.equals("-")) {
            throw new NotImplemented("importing from a URL is not supported: pipe the archive to docker import -");
        }
        Optional<ImageReference> name = RepoTag.of(repo, tag);
        String[] changes = request.getParameterValues("changes");
        Image image = importer.importArchive(
                request.getInputStream(),
                platform(platform),
                message.isEmpty() ? "Imported from -" : message,
                changes == null ? List.of() : List.of(changes),
                name);
        events.publish("import", image, image.id().toString());
        response.setContentType(JSON);
        new ProgressStream(response.getOutputStream())
                .send(JsonMessage.status(image.id().toString()));
    }

    private static Platform platform(String text) {
        try {
            return text.isEmpty() ? Platform.current() : Platform.parse(text);
        } catch (IllegalArgumentException e) {
            throw new InvalidParameter(String.valueOf(e.getMessage()), e);
        }
    }
}
