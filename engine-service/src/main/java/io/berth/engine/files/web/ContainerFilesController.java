package io.berth.engine.files.web;

import io.berth.docker.DockerJson;
import io.berth.docker.container.ContainerConfig;
import io.berth.docker.container.FilesystemChange;
import io.berth.docker.container.PathStat;
import io.berth.docker.error.InvalidParameter;
import io.berth.docker.image.CommitResponse;
import io.berth.engine.container.Containers;
import io.berth.engine.files.CommitContainer;
import io.berth.engine.files.ContainerArchives;
import io.berth.engine.files.ContainerArchives.Place;
import io.berth.engine.files.ExportContainer;
import io.berth.engine.files.FilesystemChanges;
import io.berth.engine.web.BrokenAnswer;
import io.berth.engine.web.Call;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Containers as trees of files: archive, export, changes, commit. */
@RestController
class ContainerFilesController {
    private static final String PATH_STAT = "X-Docker-Container-Path-Stat";
    private static final String TAR = "application/x-tar";

    private final Containers containers;
    private final ContainerArchives archives;
    private final ExportContainer export;
    private final FilesystemChanges changes;
    private final CommitContainer commit;

    ContainerFilesController(
            Containers containers,
            ContainerArchives archives,
            ExportContainer export,
            FilesystemChanges changes,
            CommitContainer commit) {
        this.containers = containers;
        this.archives = archives;
        this.export = export;
        this.changes = changes;
        this.commit = commit;
    }

    @RequestMapping(path = "/containers/{name}/archive", method = RequestMethod.HEAD)
    void stat(@PathVariable("name") String name, Call call) throws IOException {
        call.response().setHeader(PATH_STAT, header(archives.stat(place(name, call))));
    }

    @GetMapping("/containers/{name}/archive")
    void read(@PathVariable("name") String name, Call call) throws IOException {
        Place place = place(name, call);
        HttpServletResponse response = call.response();
        stream(
                call,
                () -> archives.read(place, stat -> {
                    response.setHeader(PATH_STAT, header(stat));
                    return begin(response, TAR);
                }));
    }

    @PutMapping("/containers/{name}/archive")
    @ResponseStatus(HttpStatus.OK)
    void write(@PathVariable("name") String name, Call call) throws IOException {
        archives.write(
                place(name, call),
                call.flag("noOverwriteDirNonDir"),
                call.flag("copyUIDGID"),
                call.request().getInputStream());
    }

    @GetMapping("/containers/{name}/export")
    void export(@PathVariable("name") String name, Call call) throws IOException {
        var container = containers.find(name);
        HttpServletResponse response = call.response();
        stream(call, () -> export.export(container, () -> begin(response, MediaType.APPLICATION_OCTET_STREAM_VALUE)));
    }

    /** Without any change it is null, as in Docker. */
    @GetMapping("/containers/{name}/changes")
    void changes(@PathVariable("name") String name, Call call) throws IOException {
        List<FilesystemChange> found = changes.of(containers.find(name));
        call.response().setContentType(MediaType.APPLICATION_JSON_VALUE);
        call.response().getOutputStream().write(DockerJson.MAPPER.writeValueAsBytes(found.isEmpty() ? null : found));
    }

    @PostMapping("/commit")
    @ResponseStatus(HttpStatus.CREATED)
    CommitResponse commit(Call call) throws IOException {
        String @Nullable [] changed = call.request().getParameterValues("changes");
        CommitContainer.Order order = new CommitContainer.Order(
                call.text("repo"),
                call.text("tag"),
                call.text("comment"),
                call.text("author"),
                changed == null ? List.of() : List.of(changed),
                config(call.jsonBytes()),
                call.flag("pause", true));
        return new CommitResponse(
                commit.commit(containers.find(call.text("container")), order).toString());
    }

    /** Clients that want nothing else send nothing, or null. */
    private static @Nullable ContainerConfig config(byte[] body) {
        String text = new String(body, StandardCharsets.UTF_8).strip();
        return text.isEmpty() || text.equals("null") ? null : Call.parse(body, ContainerConfig.class);
    }

    private Place place(String name, Call call) {
        String path = call.text("path");
        if (path.isEmpty()) {
            throw new InvalidParameter("bad parameter: path cannot be empty");
        }
        return new Place(containers.find(name), name, path);
    }

    private static String header(PathStat stat) {
        return Base64.getEncoder().encodeToString(DockerJson.MAPPER.writeValueAsBytes(stat));
    }

    private static OutputStream begin(HttpServletResponse response, String type) throws IOException {
        response.setContentType(type);
        response.flushBuffer();
        return response.getOutputStream();
    }

    @FunctionalInterface
    private interface Answer {
        void write() throws IOException;
    }

    private static void stream(Call call, Answer answer) throws IOException {
        try {
            answer.write();
        } catch (IOException | RuntimeException e) {
            if (call.response().isCommitted()) {
                BrokenAnswer.cut(call.request());
            }
            throw e;
        }
    }
}
