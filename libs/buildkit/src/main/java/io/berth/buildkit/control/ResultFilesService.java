package io.berth.buildkit.control;

import com.google.protobuf.UnsafeByteOperations;
import io.berth.buildkit.ResultFiles;
import io.berth.buildkit.TreeEntry;
import io.berth.buildkit.rpc.Methods;
import io.berth.buildkit.transfer.StatCodec;
import io.berth.buildkit.wire.GatewayProto.ReadDirRequest;
import io.berth.buildkit.wire.GatewayProto.ReadDirResponse;
import io.berth.buildkit.wire.GatewayProto.ReadFileRequest;
import io.berth.buildkit.wire.GatewayProto.ReadFileResponse;
import io.berth.buildkit.wire.GatewayProto.StatFileRequest;
import io.berth.buildkit.wire.GatewayProto.StatFileResponse;
import io.berth.docker.error.InvalidParameter;
import io.grpc.ServerServiceDefinition;
import java.io.IOException;

/** The gateway's methods that look into a build's result. */
final class ResultFilesService {
    /** What fits into a message that every client takes. */
    private static final int MAX_BYTES = 15 << 20;

    private final Builds builds;

    ResultFilesService(Builds builds) {
        this.builds = builds;
    }

    void addTo(ServerServiceDefinition.Builder service) {
        service.addMethod(
                Methods.unary(
                        GatewayService.NAME,
                        "ReadFile",
                        ReadFileRequest.getDefaultInstance(),
                        ReadFileResponse.getDefaultInstance()),
                Calls.quick(this::read));
        service.addMethod(
                Methods.unary(
                        GatewayService.NAME,
                        "ReadDir",
                        ReadDirRequest.getDefaultInstance(),
                        ReadDirResponse.getDefaultInstance()),
                Calls.quick(this::list));
        service.addMethod(
                Methods.unary(
                        GatewayService.NAME,
                        "StatFile",
                        StatFileRequest.getDefaultInstance(),
                        StatFileResponse.getDefaultInstance()),
                Calls.quick(this::stat));
    }

    private ResultFiles files(String ref) throws IOException, InterruptedException {
        Build.Reference reference = GatewayService.build(builds).reference(ref);
        return reference.result().files(reference.platform());
    }

    private ReadFileResponse read(ReadFileRequest request) throws IOException, InterruptedException {
        long offset = request.getRange().getOffset();
        long length = request.getRange().getLength();
        if (offset < 0 || length < 0) {
            throw new InvalidParameter("invalid range of a file");
        }
        try (ResultFiles files = files(request.getRef())) {
            // A whole file is asked for by a length of 0; one byte more tells that it does not fit.
            int wanted = (int) (length == 0 ? MAX_BYTES + 1L : Math.min(length, MAX_BYTES));
            byte[] content = files.read(request.getFilePath(), offset, wanted);
            if (content.length > MAX_BYTES) {
                throw new InvalidParameter("file " + request.getFilePath() + " is too large to be read at once");
            }
            return ReadFileResponse.newBuilder()
                    .setData(UnsafeByteOperations.unsafeWrap(content))
                    .build();
        }
    }

    private ReadDirResponse list(ReadDirRequest request) throws IOException, InterruptedException {
        try (ResultFiles files = files(request.getRef())) {
            ReadDirResponse.Builder response = ReadDirResponse.newBuilder();
            for (TreeEntry entry : files.list(request.getDirPath())) {
                if (request.getIncludePattern().isEmpty() || matches(request.getIncludePattern(), entry.path())) {
                    response.addEntries(StatCodec.encode(entry));
                }
            }
            return response.build();
        }
    }

    private StatFileResponse stat(StatFileRequest request) throws IOException, InterruptedException {
        try (ResultFiles files = files(request.getRef())) {
            return StatFileResponse.newBuilder()
                    .setStat(StatCodec.encode(files.stat(request.getPath())))
                    .build();
        }
    }

    /** Whether a name matches a pattern with {@code *} and {@code ?}; takes no more steps than the product of both lengths. */
    static boolean matches(String pattern, String name) {
        int star = -1;
        int retry = 0;
        int p = 0;
        int n = 0;
        while (n < name.length()) {
            if (p < pattern.length() && pattern.charAt(p) == '*') {
                star = p++;
                retry = n;
            } else if (p < pattern.length() && (pattern.charAt(p) == '?' || pattern.charAt(p) == name.charAt(n))) {
                p++;
                n++;
            } else if (star >= 0) {
                p = star + 1;
                n = ++retry;
            } else {
                return false;
            }
        }
        while (p < pattern.length() && pattern.charAt(p) == '*') {
            p++;
        }
        return p == pattern.length();
    }
}
