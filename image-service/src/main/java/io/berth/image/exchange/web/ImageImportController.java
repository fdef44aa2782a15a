package io.berth.image.exchange.web;

import io.berth.docker.error.ApiException;
import io.berth.docker.error.InvalidParameter;
import io.berth.docker.image.JsonMessage;
import io.berth.image.caller.Caller;
import io.berth.image.caller.CallerDestinations;
import io.berth.image.data.DataDirectory;
import io.berth.image.event.ImageEvents;
import io.berth.image.exchange.ImageImporter;
import io.berth.image.progress.ProgressStream;
import io.berth.image.source.HttpSource;
import io.berth.image.store.Image;
import io.berth.image.store.RepoTag;
import io.berth.linux.fd.Directory;
import io.berth.oci.ImageReference;
import io.berth.oci.Platform;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** {@code docker import}: the archive comes in the body, or is fetched. */
@RestController
class ImageImportController {
    private final ImageImporter importer;
    private final ImageEvents events;
    private final HttpSource http;
    private final CallerDestinations destinations;
    private final DataDirectory data;

    ImageImportController(
            ImageImporter importer,
            ImageEvents events,
            HttpSource http,
            CallerDestinations destinations,
            DataDirectory data) {
        this.destinations = destinations;
        this.importer = importer;
        this.events = events;
        this.http = http;
        this.data = data;
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
        Optional<ImageReference> name = RepoTag.of(repo, tag);
        String[] values = request.getParameterValues("changes");
        Import wanted = new Import(
                platform(platform),
                message.isEmpty() ? "Imported from " + source : message,
                values == null ? List.of() : List.of(values),
                name);
        ProgressStream out = new ProgressStream(response.getOutputStream());
        response.setContentType("application/json");
        if (source.equals("-")) {
            done(wanted.from(request.getInputStream(), importer), out);
            return;
        }
        try {
            fetch(Caller.of(request.getHeader(Caller.HEADER), null), address(source), wanted, out);
        } catch (ApiException e) {
            if (!out.started()) {
                throw e;
            }
            out.fail(e.text());
        }
    }

    /** Whoever is not told how to ask is asked by HTTP, as Docker does. */
    private static String address(String source) {
        return source.contains("://") ? source : "http://" + source;
    }

    private void fetch(Caller caller, String url, Import wanted, ProgressStream out) throws IOException {
        Path directory = Files.createTempDirectory(data.uploads(), "import");
        try {
            Path file = http.fetch(url, null, directory, null, destinations.of(caller))
                    .path();
            out.send(JsonMessage.status("Downloading from " + url));
            try (InputStream in = Files.newInputStream(file)) {
                done(wanted.from(in, importer), out);
            }
        } finally {
            try (Directory uploads = Directory.open(data.uploads())) {
                uploads.deleteRecursively(directory.getFileName().toString());
            }
        }
    }

    private void done(Image image, ProgressStream out) throws IOException {
        events.publish("import", image, image.id().toString());
        out.send(JsonMessage.status(image.id().toString()));
    }

    private record Import(Platform platform, String message, List<String> changes, Optional<ImageReference> name) {
        Image from(InputStream archive, ImageImporter importer) throws IOException {
            return importer.importArchive(archive, platform, message, changes, name);
        }
    }

    private static Platform platform(String text) {
        try {
            return text.isEmpty() ? Platform.current() : Platform.parse(text);
        } catch (IllegalArgumentException e) {
            throw new InvalidParameter(String.valueOf(e.getMessage()), e);
        }
    }
}
