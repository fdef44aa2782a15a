package io.berth.buildkit.rpc;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import io.berth.buildkit.BuildException;
import io.berth.buildkit.SessionException;
import io.berth.buildkit.SourceLines;
import io.berth.buildkit.wire.StatusProto;
import io.berth.docker.DockerJson;
import io.berth.docker.error.ApiException;
import io.berth.docker.error.Conflict;
import io.berth.docker.error.Forbidden;
import io.berth.docker.error.InvalidParameter;
import io.berth.docker.error.NotFound;
import io.berth.docker.error.NotImplemented;
import io.berth.docker.error.NotModified;
import io.berth.docker.error.SystemFailure;
import io.berth.docker.error.Unauthorized;
import io.berth.docker.error.Unavailable;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Errors as BuildKit's clients read them: a gRPC status whose details name the step and show the lines of the Dockerfile
 * (moby/buildkit: util/grpcerrors, solver/errdefs).
 */
public final class RpcErrors {
    /** Of a canceled call, as BuildKit words it and clients look for it. */
    public static final String CANCELED = "context canceled";

    private static final Logger LOG = LoggerFactory.getLogger(RpcErrors.class);
    private static final Metadata.Key<byte[]> DETAILS =
            Metadata.Key.of("grpc-status-details-bin", Metadata.BINARY_BYTE_MARSHALLER);
    private static final String TYPES = "github.com/moby/buildkit/";

    private RpcErrors() {}

    /** The error to end a call with. Faults of ours are logged here. */
    public static StatusRuntimeException of(Throwable error) {
        if (error instanceof StatusRuntimeException ready) {
            return ready;
        }
        return of(status(error));
    }

    /** The error to end a call with, where it has already been told as a message. */
    public static StatusRuntimeException of(StatusProto.Status status) {
        Metadata trailers = new Metadata();
        if (status.getDetailsCount() > 0) {
            trailers.put(DETAILS, status.toByteArray());
        }
        return Status.fromCodeValue(status.getCode())
                .withDescription(status.getMessage())
                .asRuntimeException(trailers);
    }

    /** An error as a message. */
    public static StatusProto.Status status(Throwable error) {
        StatusProto.Status.Builder status = StatusProto.Status.newBuilder();
        switch (error) {
            case BuildException e -> {
                status.setCode(
                        e.getCause() instanceof ApiException kind ? code(kind).value() : Status.Code.UNKNOWN.value());
                status.setMessage(text(e));
                addDetails(status, e);
            }
            case ApiException e -> status.setCode(code(e).value()).setMessage(e.text());
            case InterruptedException _ -> canceled(status);
            case InterruptedIOException _ -> canceled(status);
            case StatusRuntimeException e -> copy(status, e.getStatus());
            case StatusException e -> copy(status, e.getStatus());
            case SessionException e ->
                status.setCode(Status.Code.UNKNOWN.value()).setMessage(text(e));
            default -> {
                LOG.atError().setCause(error).log("build call failed");
                status.setCode(Status.Code.INTERNAL.value()).setMessage(text(error));
            }
        }
        return status.build();
    }

    private static void canceled(StatusProto.Status.Builder status) {
        status.setCode(Status.Code.CANCELLED.value()).setMessage(CANCELED);
    }

    private static void copy(StatusProto.Status.Builder status, Status from) {
        status.setCode(from.getCode().value());
        status.setMessage(
                Objects.requireNonNullElse(from.getDescription(), from.getCode().name()));
    }

    private static String text(Throwable error) {
        @Nullable String message = error.getMessage();
        return message == null ? error.getClass().getSimpleName() : message;
    }

    private static Status.Code code(ApiException error) {
        return switch (error) {
            case InvalidParameter _ -> Status.Code.INVALID_ARGUMENT;
            case Unauthorized _ -> Status.Code.UNAUTHENTICATED;
            case Forbidden _ -> Status.Code.PERMISSION_DENIED;
            case NotFound _ -> Status.Code.NOT_FOUND;
            case Conflict _ -> Status.Code.FAILED_PRECONDITION;
            case NotModified _ -> Status.Code.ALREADY_EXISTS;
            case NotImplemented _ -> Status.Code.UNIMPLEMENTED;
            case Unavailable _ -> Status.Code.UNAVAILABLE;
            case SystemFailure _ -> Status.Code.INTERNAL;
        };
    }

    private static void addDetails(StatusProto.Status.Builder status, BuildException error) {
        if (error.vertex() != null) {
            status.addDetails(detail(
                    "errdefs.Vertex+json", Map.of("digest", error.vertex().toString())));
        }
        for (SourceLines source : error.sources()) {
            List<?> ranges = source.ranges().stream()
                    .map(range -> Map.of("start", Map.of("line", range.first()), "end", Map.of("line", range.last())))
                    .toList();
            status.addDetails(detail(
                    "errdefs.Source+json",
                    Map.of(
                            "info",
                            Map.of(
                                    "filename",
                                    source.filename(),
                                    "data",
                                    source.text().getBytes(StandardCharsets.UTF_8),
                                    "language",
                                    "Dockerfile"),
                            "ranges",
                            ranges)));
        }
    }

    private static Any detail(String type, Map<String, ?> value) {
        return Any.newBuilder()
                .setTypeUrl(TYPES + type)
                .setValue(ByteString.copyFrom(DockerJson.MAPPER.writeValueAsBytes(value)))
                .build();
    }
}
