package io.berth.engine.node.web;

import io.berth.docker.DockerJson;
import io.berth.docker.error.ApiException;
import io.berth.docker.stream.StreamFrame;
import io.berth.docker.stream.StreamType;
import io.berth.engine.container.RunBuildStep;
import io.berth.engine.runtime.ContainerProcess.Stream;
import io.berth.node.BuildStep;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/** Runs commands of image-service's builds, as {@link BuildStep} says. */
@RestController
class BuildStepController {
    private final RunBuildStep steps;

    BuildStepController(RunBuildStep steps) {
        this.steps = steps;
    }

    @PostMapping(BuildStep.PATH)
    void run(@RequestBody BuildStep step, HttpServletResponse response) throws IOException, InterruptedException {
        BuildStep.Result result;
        try {
            result = steps.run(step, (stream, content) -> write(response, type(stream), content));
        } catch (ApiException e) {
            if (!response.isCommitted()) {
                throw e;
            }
            result = new BuildStep.Result(-1, false, e.text());
        }
        write(response, StreamType.SYSTEM_ERROR, DockerJson.MAPPER.writeValueAsBytes(result));
    }

    private static StreamType type(Stream stream) {
        return stream == Stream.STDOUT ? StreamType.STDOUT : StreamType.STDERR;
    }

    private static void write(HttpServletResponse response, StreamType type, byte[] content) throws IOException {
        if (!response.isCommitted()) {
            response.setContentType("application/octet-stream");
        }
        OutputStream out = response.getOutputStream();
        out.write(StreamFrame.encode(type, content, 0, content.length));
        response.flushBuffer();
    }
}
