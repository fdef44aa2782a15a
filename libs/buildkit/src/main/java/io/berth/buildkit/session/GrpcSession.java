package io.berth.buildkit.session;

import io.berth.buildkit.ClientContent;
import io.berth.buildkit.ClientSession;
import io.berth.buildkit.Credential;
import io.berth.buildkit.ExportRequest;
import io.berth.buildkit.LocalDirectory;
import io.berth.buildkit.ReceivedTree;
import io.berth.buildkit.RegistryToken;
import io.berth.buildkit.SessionException;
import io.berth.buildkit.TokenRequest;
import io.berth.buildkit.Tree;
import io.berth.buildkit.rpc.Duplex;
import io.berth.buildkit.transfer.ReceivedTrees;
import io.berth.buildkit.transfer.TreeSender;
import io.berth.buildkit.wire.SecretsProto.GetSecretRequest;
import io.berth.buildkit.wire.SecretsProto.GetSecretResponse;
import io.berth.buildkit.wire.SessionProto.BytesMessage;
import io.berth.buildkit.wire.SessionProto.CredentialsRequest;
import io.berth.buildkit.wire.SessionProto.CredentialsResponse;
import io.berth.buildkit.wire.SessionProto.FetchTokenRequest;
import io.berth.buildkit.wire.SessionProto.FetchTokenResponse;
import io.berth.buildkit.wire.SshProto.CheckAgentRequest;
import io.berth.buildkit.wire.WireProto.Packet;
import io.grpc.Channel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A client's session by gRPC. It does not outlive its connection: from then on every call fails. */
final class GrpcSession implements ClientSession {
    private static final String EXPORTER_ID = "buildkit-attachable-exporter-id";
    private static final int MAX_SECRET_BYTES = 500 * 1024;
    private static final int BUFFER_BYTES = 256 * 1024;

    private final String owner;
    private final SessionOffer offer;
    private final Channel channel;
    private final ReceivedTrees trees;

    GrpcSession(String owner, SessionOffer offer, Channel channel, ReceivedTrees trees) {
        this.owner = owner;
        this.offer = offer;
        this.channel = channel;
        this.trees = trees;
    }

    @Override
    public String id() {
        return offer.id();
    }

    @Override
    public ReceivedTree receive(LocalDirectory directory, TransferProgress progress)
            throws IOException, InterruptedException {
        Metadata headers = new SessionHeaders()
                .with("dir-name", directory.name())
                .with("include-patterns", directory.includePatterns())
                .with("exclude-patterns", directory.excludePatterns())
                .with("followpaths", directory.followPaths())
                .metadata();
        // Without a shared key nobody can ask for this tree again. With one, only the same owner: what a client says is
        // unchanged is not sent again, and who guesses another's key would get that one's files.
        String key = offer.sharedKey().isEmpty()
                ? ""
                : prefix() + directory.name() + ":" + directory.sharedKeyHint() + ":" + offer.sharedKey();
        try (Duplex<Packet, Packet> call = Duplex.open(channel, SessionMethods.RECEIVE_TREE, headers)) {
            return trees.receive(key, directory.name(), directory.comparison(), call, progress);
        }
    }

    /** No owner's is the beginning of another's: lengths differ, or texts do. */
    private String prefix() {
        return owner.isEmpty() ? "" : "owner:" + owner.length() + ":" + owner + ":";
    }

    @Override
    public byte @Nullable [] secret(String id) throws IOException, InterruptedException {
        try {
            GetSecretResponse secret = call(
                    SessionMethods.GET_SECRET,
                    GetSecretRequest.newBuilder().setID(id).build());
            if (secret.getData().size() > MAX_SECRET_BYTES) {
                throw new SessionException("secret " + id + " is larger than " + MAX_SECRET_BYTES + " bytes");
            }
            return secret.getData().toByteArray();
        } catch (StatusException e) {
            return switch (e.getStatus().getCode()) {
                case NOT_FOUND, UNIMPLEMENTED -> null;
                default -> throw failure("cannot get secret " + id, e);
            };
        }
    }

    @Override
    public boolean hasSshAgent(String id) throws IOException, InterruptedException {
        try {
            var _ = call(
                    SessionMethods.CHECK_AGENT,
                    CheckAgentRequest.newBuilder().setID(id).build());
            return true;
        } catch (StatusException e) {
            return switch (e.getStatus().getCode()) {
                case UNAVAILABLE, CANCELLED -> throw failure("cannot ask for SSH agent " + id, e);
                default -> false;
            };
        }
    }

    @Override
    public AgentConnection connectSshAgent(String id) {
        return new SshAgent(Duplex.open(
                channel,
                SessionMethods.FORWARD_AGENT,
                new SessionHeaders().with("buildkit.ssh.id", id).metadata()));
    }

    private record SshAgent(Duplex<BytesMessage, BytesMessage> call) implements AgentConnection {
        @Override
        public InputStream input() {
            return new ByteStreams.Input(call);
        }

        @Override
        public OutputStream output() {
            return new ByteStreams.Output(call);
        }

        @Override
        public void close() {
            call.close();
        }
    }

    @Override
    public Credential credential(String registryHost) throws IOException, InterruptedException {
        try {
            CredentialsResponse credential = call(
                    SessionMethods.CREDENTIALS,
                    CredentialsRequest.newBuilder().setHost(registryHost).build());
            return new Credential(credential.getUsername(), credential.getSecret());
        } catch (StatusException e) {
            if (e.getStatus().getCode() == Status.Code.UNIMPLEMENTED) {
                return Credential.NONE;
            }
            throw failure("cannot get the credential for " + registryHost, e);
        }
    }

    @Override
    public @Nullable RegistryToken fetchToken(TokenRequest request) throws IOException, InterruptedException {
        try {
            FetchTokenResponse token = call(
                    SessionMethods.FETCH_TOKEN,
                    FetchTokenRequest.newBuilder()
                            .setClientID("buildkit-client")
                            .setHost(request.host())
                            .setRealm(request.realm())
                            .setService(request.service())
                            .addAllScopes(request.scopes())
                            .build());
            Instant issued = token.getIssuedAt() == 0 ? Instant.now() : Instant.ofEpochSecond(token.getIssuedAt());
            return new RegistryToken(token.getToken(), issued, Duration.ofSeconds(token.getExpiresIn()));
        } catch (StatusException e) {
            if (e.getStatus().getCode() == Status.Code.UNIMPLEMENTED) {
                return null;
            }
            throw failure("cannot get a token for " + request.host(), e);
        }
    }

    @Override
    public void sendFile(ExportRequest export, Map<String, String> metadata, Content content)
            throws IOException, InterruptedException {
        SessionHeaders headers = new SessionHeaders().with(EXPORTER_ID, Integer.toString(export.id()));
        metadata.forEach((name, value) -> headers.with("exporter-md-" + name.toLowerCase(Locale.ROOT), value));
        try (Duplex<BytesMessage, BytesMessage> call =
                Duplex.open(channel, SessionMethods.SEND_FILE, headers.metadata())) {
            OutputStream out = new BufferedOutputStream(new ByteStreams.Output(call), BUFFER_BYTES);
            try {
                content.writeTo(out);
                out.flush();
            } catch (SessionException e) {
                // The call's end tells better why the client takes no more.
                if (call.isEnded()) {
                    var _ = call.receive();
                }
                throw e;
            }
            call.halfClose();
            while (call.receive() != null) {
                throw new SessionException("client answered to a file with a message");
            }
        } catch (StatusException e) {
            throw failure("cannot send a file", e);
        }
    }

    @Override
    public void sendTree(ExportRequest export, Tree tree, TransferProgress progress)
            throws IOException, InterruptedException {
        Metadata headers = new SessionHeaders()
                .with(EXPORTER_ID, Integer.toString(export.id()))
                .metadata();
        try (Duplex<Packet, Packet> call = Duplex.open(channel, SessionMethods.SEND_TREE, headers)) {
            new TreeSender(call, tree, progress).send();
        }
    }

    @Override
    public InputStream pull(String id) {
        Metadata headers = new SessionHeaders()
                .with("urlpath", "/" + id)
                .with("urlhost", "buildkit-session")
                .metadata();
        return new ByteStreams.Input(Duplex.open(channel, SessionMethods.PULL, headers));
    }

    @Override
    public ClientContent content(String store) {
        return new GrpcContent(channel, store);
    }

    private <Q, R> R call(MethodDescriptor<Q, R> method, Q request)
            throws StatusException, IOException, InterruptedException {
        try (Duplex<Q, R> call = Duplex.open(channel, method, new Metadata())) {
            var _ = call.send(request);
            call.halfClose();
            @Nullable R response = call.receive();
            if (response == null) {
                throw new SessionException("client did not answer");
            }
            return response;
        }
    }

    private static SessionException failure(String what, StatusException cause) {
        @Nullable String why = cause.getStatus().getDescription();
        return new SessionException(
                what + ": " + (why == null ? cause.getStatus().getCode().name() : why), cause);
    }
}
