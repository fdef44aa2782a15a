package io.berth.image.build.web;

import io.berth.docker.DockerJson;
import io.berth.docker.error.ErrorBody;
import io.berth.docker.stream.StreamFrame;
import io.berth.docker.stream.StreamType;
import io.berth.image.build.BuildFailure;
import io.berth.image.build.BuildSteps;
import io.berth.node.BuildStep;
import io.berth.node.EngineNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.MediaType;
import org.springframework.web.client.ResourceAccessException;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestClientException;

/** Has the node's engine run them. */
final class EngineBuildSteps implements BuildSteps {
    private static final Logger LOG = LoggerFactory.getLogger(EngineBuildSteps.class);

    /** A client asks several times in every build; the address changes with an engine's settings, so by a restart of it. */
    private static final Duration KEPT = Duration.ofSeconds(30);

    private final RestClient client;
    private final EngineNode engine;
    private volatile @Nullable KnownGateway hostGateway;

    private record KnownGateway(Optional<String> address, long readAt) {}

    EngineBuildSteps(RestClient client, EngineNode engine) {
        this.client = client;
        this.engine = engine;
    }

    @Override
    public BuildStep.Result run(BuildStep step, Output output) throws IOException, InterruptedException {
        boolean complete = false;
        try {
            BuildStep.Result result = client.post()
                    .uri(BuildStep.PATH)
                    .contentType(MediaType.APPLICATION_JSON)
                    .body(step)
                    .exchangeForRequiredValue((_, response) -> {
                        if (response.getStatusCode().isError()) {
                            throw new BuildFailure(message(response.getBody()));
                        }
                        return follow(response.getBody(), output);
                    });
            complete = true;
            return result;
        } catch (ResourceAccessException e) {
            if (Thread.interrupted() || e.getCause() instanceof InterruptedIOException) {
                throw (InterruptedException) new InterruptedException("the build has ended").initCause(e);
            }
            throw new IOException("the engine does not answer: " + e.getMessage(), e);
        } catch (RestClientException e) {
            throw new IOException("the engine broke off: " + e.getMessage(), e);
        } finally {
            if (!complete) {
                stop(step.id());
            }
        }
    }

    @Override
    public Optional<String> hostGateway() {
        KnownGateway known = hostGateway;
        if (known != null && System.nanoTime() - known.readAt < KEPT.toNanos()) {
            return known.address;
        }
        try {
            Optional<String> address = Optional.ofNullable(engine.hostGateway().address());
            hostGateway = new KnownGateway(address, System.nanoTime());
            return address;
        } catch (RestClientException e) {
            // A client that has no use for it is not to be refused; a build's first command will say that the engine is
            // away.
            LOG.atDebug().setCause(e).log("the engine does not tell where containers reach the host");
            return Optional.empty();
        }
    }

    private static BuildStep.Result follow(InputStream in, Output output) throws IOException {
        while (true) {
            Optional<StreamFrame> frame = StreamFrame.read(in);
            if (frame.isEmpty()) {
                throw new IOException("the engine broke off");
            }
            if (frame.get().type() == StreamType.SYSTEM_ERROR) {
                return DockerJson.MAPPER.readValue(frame.get().payload(), BuildStep.Result.class);
            }
            if (frame.get().payload().length > 0) {
                output.write(
                        frame.get().type() == StreamType.STDERR, frame.get().payload());
            }
        }
    }

    private static String message(InputStream body) throws IOException {
        return DockerJson.MAPPER.readValue(body.readAllBytes(), ErrorBody.class).message();
    }

    /** The engine also notices by itself that nobody listens. */
    private void stop(String id) {
        boolean interrupted = Thread.interrupted();
        try {
            engine.stopBuildStep(id);
        } catch (RestClientException e) {
            LOG.atDebug().setCause(e).addKeyValue("step", id).log("could not stop a build's command");
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
